"""Who talks to the server: customers through the published SDK, staff and the curious through plain HTTP."""

import contextlib
import json

import huaweicloudsdkosm.v2 as models
import pytest
import requests
from huaweicloudsdkcore.auth.credentials import GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.sdk_stream_response import SdkStreamResponse

import conformity

TIMEOUT_SECONDS = 30


class Customer:
    """A signed customer: `alice.list_cases(limit=5)` calls ListCases with a ListCasesRequest and checks the answer.

    Keyword arguments are those of the request model.
    """

    def __init__(self, server, access, secret, domain_id=None, security_token=None, language=None, client=None):
        self.server = server
        self.credentials = GlobalCredentials(access, secret, domain_id)
        if security_token:
            self.credentials.with_security_token(security_token)
        self.language = language
        self.client = client or (
            models.OsmClient.new_builder().with_credentials(self.credentials).with_endpoint(server.url).build()
        )

    def speaking(self, language):
        """The same caller with another X-Language."""
        return Customer(
            self.server,
            self.credentials.ak,
            self.credentials.sk,
            self.credentials.domain_id,
            self.credentials.security_token,
            language,
        )

    def __getattr__(self, operation):
        if operation.startswith("_"):
            raise AttributeError(operation)
        call = getattr(self.client, operation)
        request_model = getattr(models, "".join(part.title() for part in operation.split("_")) + "Request")

        def perform(**fields):
            if self.language and "x_language" in request_model.openapi_types:
                fields.setdefault("x_language", self.language)
            response = call(request_model(**fields))
            assert response.status_code == 200
            if not isinstance(response, SdkStreamResponse):
                conformity.check(response)
            return response

        return perform

    def download(self, operation, **fields):
        """A streamed answer: its bytes and its headers."""
        caught = []
        getattr(self, operation)(**fields).consume_download_stream(
            lambda stream: caught.extend([stream, stream.content])
        )
        return caught[1], caught[0].headers

    def signed(self, method, path, query=(), body=None):
        """A request outside the SDK's client, signed by the SDK's signer."""
        host = self.server.url.removeprefix("http://")
        text = "" if body is None else json.dumps(body)
        request = self.credentials.sign_request(
            SdkRequest(
                method=method,
                schema="http",
                host=host,
                resource_path=path,
                query_params=list(query),
                header_params={"Content-Type": "application/json"},
                body=text,
            )
        )
        return requests.request(
            method,
            f"{self.server.url}{request.uri}",
            headers=request.header_params,
            data=request.body,
            timeout=TIMEOUT_SECONDS,
        )


class Bearer:
    """A caller with a token, over plain HTTP: staff at the desk, or a customer without the SDK."""

    def __init__(self, server, token):
        self.server = server
        self.token = token

    def send(self, method, path, body=None, headers=None, **options):
        """The raw answer."""
        all_headers = {"X-Auth-Token": self.token, **(headers or {})}
        if body is not None:
            options["json"] = body
        return requests.request(method, self.server.url + path, headers=all_headers, timeout=TIMEOUT_SECONDS, **options)

    def ask(self, method, path, body=None, **options):
        """The JSON of an answer that has to succeed."""
        answer = self.send(method, path, body, **options)
        assert answer.status_code == 200, f"{method} {path}: {answer.status_code} {answer.text}"
        return answer.json()


def login(server, account, name, password, scope=None):
    """The raw answer of a password login."""
    auth = {
        "identity": {
            "methods": ["password"],
            "password": {"user": {"name": name, "password": password, "domain": {"name": account}}},
        }
    }
    auth["scope"] = scope or {"domain": {"name": account}}
    return requests.post(
        server.url + "/v3/auth/tokens", json={"auth": auth}, headers={"X-Language": "en-us"}, timeout=TIMEOUT_SECONDS
    )


def token_of(server, account, name, password):
    """A token, for those who only want to use it."""
    answer = login(server, account, name, password)
    assert answer.status_code == 201, answer.text
    return answer.headers["X-Subject-Token"]


@contextlib.contextmanager
def refused(status, code, says=""):
    """The call inside is refused with this status and code, with a request id, and a message that holds `says`."""
    with pytest.raises(ClientRequestException) as caught:
        yield caught
    error = caught.value
    assert (error.status_code, error.error_code) == (status, code), str(error)
    assert error.request_id, "an error without X-Request-Id"
    assert error.error_msg and says in error.error_msg, str(error)
