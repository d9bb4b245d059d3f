"""Who is calling: tokens, domains, projects, users, keys and temporary keys, through the SDK's core and plain HTTP."""

import base64
import datetime
import hmac
import re
import struct
import time

import pytest
import requests
from huaweicloudsdkcore.auth.credentials import BasicCredentials, GlobalCredentials
from huaweicloudsdkcore.exceptions.exceptions import ClientRequestException
from huaweicloudsdkosm.v2 import ListCasesRequest, OsmClient
from huaweicloudsdkosm.v2.region.osm_region import OsmRegion

from callers import Bearer, Customer, login, refused
from server import wait_for

ID = re.compile(r"[0-9a-f]{32}")


def parse_time(text):
    """The six-decimal UTC form of tokens."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")


def iam_error(answer, status):
    """The IAM form of an error, checked."""
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["code"] == status and error["message"] and error["title"]
    assert answer.headers["X-Request-Id"] and answer.headers["X-IAM-Trace-Id"]
    return error


@pytest.fixture
def bearer(server, alice_user):
    return alice_user.bearer(server)


def test_password_login(server, alice_user):
    answer = login(server, alice_user.account, "alice", alice_user.password)
    assert answer.status_code == 201
    assert answer.headers["X-Request-Id"] and answer.headers["X-IAM-Trace-Id"]
    assert len(answer.headers["X-Subject-Token"]) < 1000
    token = answer.json()["token"]
    assert answer.headers["X-Subject-Token"] not in answer.text
    assert token["methods"] == ["password"]
    assert token["user"]["id"] == alice_user.user_id and token["user"]["name"] == "alice"
    assert token["user"]["domain"] == token["domain"] == {"id": alice_user.domain_id, "name": alice_user.account}
    assert token["user"]["password_expires_at"] == ""
    assert "project" not in token and token["catalog"]
    assert parse_time(token["expires_at"]) - parse_time(token["issued_at"]) == datetime.timedelta(hours=24)


def test_project_scope_and_nocatalog(server, alice_user, bearer):
    project = bearer.ask("GET", "/v3/auth/projects")["projects"][0]
    scoped = login(server, alice_user.account, "alice", alice_user.password, {"project": {"id": project["id"]}})
    token = scoped.json()["token"]
    assert token["project"]["id"] == project["id"] and token["project"]["name"] == project["name"]
    assert token["project"]["domain"]["id"] == alice_user.domain_id and "domain" not in token
    auth = {
        "identity": {
            "methods": ["password"],
            "password": {
                "user": {"name": "alice", "password": alice_user.password, "domain": {"name": alice_user.account}}
            },
        }
    }
    short = requests.post(server.url + "/v3/auth/tokens?nocatalog=true", json={"auth": auth}, timeout=30)
    assert short.status_code == 201 and short.json()["token"]["catalog"] == []


def test_wrong_logins(server, fresh):
    user = fresh("alice")[0]
    for account, name, password in (
        (user.account, "alice", "wrong"),
        (user.account, "nobody", user.password),
        ("no-such-account", "alice", user.password),
    ):
        error = iam_error(login(server, account, name, password), 401)
        assert error["message"] == "The username or password is wrong."


def test_malformed_logins(server):
    for body in (
        {},
        {"auth": {}},
        {"auth": {"identity": {"methods": []}}},
        {"auth": {"identity": {"methods": ["magic"]}}},
    ):
        iam_error(requests.post(server.url + "/v3/auth/tokens", json=body, timeout=30), 400)
    iam_error(
        requests.post(
            server.url + "/v3/auth/tokens", data=b"{", headers={"Content-Type": "application/json"}, timeout=30
        ),
        400,
    )


def passcode(secret):
    """The six digits of this half minute, after RFC 6238."""
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.digest(key, struct.pack(">Q", int(time.time()) // 30), "sha1")
    at = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000:06d}"


def test_one_time_codes(server, fresh):
    user = fresh("alice")[0]
    secret = server.admin("user", "totp", "enable", "--account", user.account, "--name", "alice")["secret"]
    iam_error(login(server, user.account, "alice", user.password), 401)
    name = {"name": "alice", "password": user.password, "domain": {"name": user.account}}
    identity = {"methods": ["password", "totp"], "password": {"user": name}}

    def answer(code):
        identity["totp"] = {"user": {"id": user.user_id, "passcode": code}}
        return requests.post(server.url + "/v3/auth/tokens", json={"auth": {"identity": identity}}, timeout=30)

    right = passcode(secret)
    iam_error(answer(f"{(int(right) + 1) % 1_000_000:06d}"), 401)
    accepted = answer(passcode(secret))
    assert accepted.status_code == 201, accepted.text
    assert accepted.json()["token"]["methods"] == ["password", "totp"]
    server.admin("user", "totp", "disable", "--account", user.account, "--name", "alice")
    assert login(server, user.account, "alice", user.password).status_code == 201


def test_token_calls_the_service(bearer, alice, submit):
    case_id = submit(alice)
    assert bearer.ask("GET", f"/v2/servicerequest/cases/{case_id}/status") == {"status": 0}


def test_tampered_tokens_fail(server, bearer):
    token = bearer.token
    middle = len(token) // 2
    changed = token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]
    for wrong in (changed, token[:-1], token + "A", "MII", "x" * 5000):
        answer = Bearer(server, wrong).send("GET", "/v2/servicerequest/cases")
        assert answer.status_code == 401 and answer.json()["error_code"] == "APIGW.0301", wrong


def test_validate_token(server, alice_user, bearer, fresh):
    answer = bearer.send("GET", "/v3/auth/tokens", headers={"X-Subject-Token": bearer.token})
    assert answer.status_code == 200 and answer.headers["X-Subject-Token"] == bearer.token
    assert answer.json()["token"]["user"]["id"] == alice_user.user_id
    iam_error(bearer.send("GET", "/v3/auth/tokens", headers={"X-Subject-Token": "nonsense"}), 404)
    iam_error(Bearer(server, "nonsense").send("GET", "/v3/auth/tokens", headers={"X-Subject-Token": bearer.token}), 401)
    stranger = fresh("mallory")[0].bearer(server)
    assert stranger.send("GET", "/v3/auth/tokens", headers={"X-Subject-Token": bearer.token}).status_code in (403, 404)


def test_domains_and_projects(alice, alice_user, bearer):
    for domains in (bearer.ask("GET", "/v3/auth/domains"), alice.signed("GET", "/v3/auth/domains").json()):
        [domain] = domains["domains"]
        assert (domain["id"], domain["name"], domain["enabled"]) == (alice_user.domain_id, alice_user.account, True)
        assert {"description", "links"} <= set(domain) and "links" in domains
    projects = bearer.ask("GET", "/v3/auth/projects")["projects"]
    assert projects
    for project in projects:
        assert ID.fullmatch(project["id"]) and project["domain_id"] == alice_user.domain_id
        assert project["enabled"] is True and project["is_domain"] is False
        assert {"parent_id", "description", "links"} <= set(project)
    listed = bearer.ask("GET", "/v3/projects", params={"name": projects[0]["name"]})
    assert [project["id"] for project in listed["projects"]] == [projects[0]["id"]]
    assert {"self", "previous", "next"} <= set(listed["links"])
    assert bearer.ask("GET", f"/v3/projects/{projects[0]['id']}")["project"]["name"] == projects[0]["name"]
    iam_error(bearer.send("GET", "/v3/projects/" + "0" * 32), 404)


def test_catalog_and_regions(bearer):
    [service] = [item for item in bearer.ask("GET", "/v3/auth/catalog")["catalog"] if item["type"] == "osm"]
    assert ID.fullmatch(service["id"]) and service["name"]
    [endpoint] = service["endpoints"]
    assert endpoint["interface"] == "public" and endpoint["region"] == endpoint["region_id"] == "*" and endpoint["url"]
    regions = bearer.ask("GET", "/v3/regions")["regions"]
    assert regions
    for region in regions:
        assert {"id", "type", "description", "parent_region_id", "locales", "links"} <= set(region)
        assert {"zh-cn", "en-us"} <= set(region["locales"])


def test_users_and_groups(server, fresh):
    alice, bob = fresh("alice", "bob")
    owner, other = alice.bearer(server), bob.bearer(server)
    users = {user["name"]: user for user in owner.ask("GET", "/v3/users")["users"]}
    assert set(users) == {"alice", "bob"}
    for user in users.values():
        assert user["domain_id"] == alice.domain_id and user["enabled"] is True
        assert user["password_expires_at"] is None and "links" in user
    assert [user["name"] for user in owner.ask("GET", "/v3/users", params={"name": "bob"})["users"]] == ["bob"]
    iam_error(other.send("GET", "/v3/users"), 403)
    assert other.ask("GET", f"/v3/users/{bob.user_id}")["user"]["name"] == "bob"
    iam_error(other.send("GET", f"/v3/users/{alice.user_id}"), 403)
    detail = owner.ask("GET", f"/v3.0/OS-USER/users/{bob.user_id}")["user"]
    assert detail["is_domain_owner"] is False
    assert owner.ask("GET", f"/v3.0/OS-USER/users/{alice.user_id}")["user"]["is_domain_owner"] is True
    assert owner.ask("GET", f"/v3/users/{bob.user_id}/groups")["groups"] == []
    assert isinstance(owner.ask("GET", "/v3/groups")["groups"], list)


def test_access_keys(server, fresh):
    user = fresh("alice")[0]
    bearer = user.bearer(server)
    made = bearer.send(
        "POST", "/v3.0/OS-CREDENTIAL/credentials", {"credential": {"user_id": user.user_id, "description": "second"}}
    )
    assert made.status_code == 201, made.text
    key = made.json()["credential"]
    assert key["status"] == "active" and key["user_id"] == user.user_id and key["description"] == "second"
    assert parse_time(key["create_time"]) and key["access"] and key["secret"]
    # Two for each user.
    error = iam_error(
        bearer.send("POST", "/v3.0/OS-CREDENTIAL/credentials", {"credential": {"user_id": user.user_id}}), 400
    )
    assert error["message"] == "akSkNumExceed"
    listed = bearer.ask("GET", "/v3.0/OS-CREDENTIAL/credentials")["credentials"]
    assert {item["access"] for item in listed} == {user.access, key["access"]}
    assert all("secret" not in item for item in listed)
    client = Customer(server, key["access"], key["secret"])
    assert client.list_cases().total_count == 0
    shown = bearer.ask("GET", f"/v3.0/OS-CREDENTIAL/credentials/{key['access']}")["credential"]
    assert shown["access"] == key["access"] and "secret" not in shown and "last_use_time" in shown
    # Switched off: refused from now on.
    path = f"/v3.0/OS-CREDENTIAL/credentials/{key['access']}"
    assert bearer.ask("PUT", path, {"credential": {"status": "inactive"}})["credential"]["status"] == "inactive"
    with refused(401, "APIGW.0301"):
        client.list_cases()
    assert bearer.send("DELETE", path).status_code == 204
    iam_error(bearer.send("GET", path), 404)
    iam_error(bearer.send("PUT", f"/v3.0/OS-CREDENTIAL/credentials/{user.access}", {"credential": {}}), 400)


def test_keys_of_others(server, fresh):
    alice, bob = fresh("alice", "bob")
    stranger = fresh("mallory")[0].bearer(server)
    path = f"/v3.0/OS-CREDENTIAL/credentials/{alice.access}"
    iam_error(bob.bearer(server).send("DELETE", path), 403)
    iam_error(stranger.send("DELETE", path), 404)
    assert alice.customer(server).list_cases().total_count == 0


def test_temporary_keys(server, alice_user, bearer):
    body = {"auth": {"identity": {"methods": ["token"], "token": {"duration_seconds": 900}}}}
    answer = bearer.send("POST", "/v3.0/OS-CREDENTIAL/securitytokens", body)
    assert answer.status_code == 201, answer.text
    key = answer.json()["credential"]
    assert parse_time(key["expires_at"]) > datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    client = Customer(server, key["access"], key["secret"], security_token=key["securitytoken"])
    assert client.list_cases(limit=1).total_count >= 0
    with refused(401, "APIGW.0301"):
        Customer(server, key["access"], key["secret"]).list_cases()
    with refused(401, "APIGW.0301"):
        Customer(server, key["access"], key["secret"], security_token=key["securitytoken"][:-2] + "zz").list_cases()
    for seconds in (899, 86401):
        body["auth"]["identity"]["token"]["duration_seconds"] = seconds
        iam_error(bearer.send("POST", "/v3.0/OS-CREDENTIAL/securitytokens", body), 400)


def test_caller_identity(alice, alice_user):
    answer = alice.signed("GET", "/v5/caller-identity")
    assert answer.status_code == 200 and answer.json()["account_id"] == alice_user.domain_id


def test_sdk_finds_the_domain_by_itself(server, monkeypatch, fresh):
    user = fresh("alice")[0]
    monkeypatch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", server.url)
    monkeypatch.setenv("HUAWEICLOUD_SDK_REGION_OSM_CN_SOUTH_1", server.url)
    credentials = GlobalCredentials(user.access, user.secret)
    client = OsmClient.new_builder().with_credentials(credentials).with_region(OsmRegion.value_of("cn-south-1")).build()
    assert credentials.domain_id == user.domain_id
    assert client.list_cases(ListCasesRequest()).total_count == 0, "signed with X-Domain-Id"


def test_sdk_finds_the_project_by_itself(server, monkeypatch, fresh):
    user = fresh("alice")[0]
    monkeypatch.setenv("HUAWEICLOUD_SDK_IAM_ENDPOINT", server.url)
    project = user.bearer(server).ask("GET", "/v3/auth/projects")["projects"][0]
    credentials = BasicCredentials(user.access, user.secret)
    credentials.process_auth_params(user.customer(server).client.get_http_client(), project["name"])
    assert credentials.project_id == project["id"]


def test_foreign_domain_header(server, fresh):
    user, other = fresh("alice")[0], fresh("mallory")[0]
    assert user.customer(server, domain_id=user.domain_id).list_cases().total_count == 0
    with refused(403, "APIGW.0302"):
        user.customer(server, domain_id=other.domain_id).list_cases()


def test_wrong_signatures(server, fresh):
    user = fresh("alice")[0]
    with refused(401, "APIGW.0301", "Get secretKey failed"):
        Customer(server, "A" * 20, user.secret).list_cases()
    with refused(401, "APIGW.0301", "verify aksk signature fail"):
        Customer(server, user.access, user.secret[:-1] + "~").list_cases()
    assert user.customer(server).list_cases().total_count == 0


def test_repeated_integer_keys_are_signed_in_their_own_order(alice):
    # The SDK sorts these as numbers, which a server must not undo as text.
    answer = alice.signed(
        "GET", "/v2/servicerequest/cases", [("label_id_list", n) for n in (10, 9, 2)] + [("limit", 1)]
    )
    assert answer.status_code == 200, answer.text


def is_refused(call):
    """Whether a call is refused for its login."""
    try:
        call()
    except ClientRequestException as error:
        return error.error_code == "APIGW.0301"
    return False


def test_changes_by_the_command_line_are_seen_at_once(server, fresh):
    user, other = fresh("alice", "bob")
    customer, token = user.customer(server), other.bearer(server)
    assert customer.list_cases().total_count == 0
    assert token.send("GET", "/v2/servicerequest/cases").status_code == 200
    server.admin("access-key", "disable", user.access, "--account", user.account)
    wait_for(lambda: is_refused(customer.list_cases), "the refusal of a disabled key", seconds=1)
    server.admin("access-key", "enable", user.access, "--account", user.account)
    wait_for(lambda: not is_refused(customer.list_cases), "the acceptance of an enabled key", seconds=1)
    server.admin("user", "disable", "--account", user.account, "--name", "bob")

    def is_over():
        return token.send("GET", "/v2/servicerequest/cases").status_code == 401

    wait_for(is_over, "the end of a disabled user's token", seconds=1)
    assert customer.list_cases().total_count == 0, "others go on"


def test_a_new_password_ends_tokens(server, fresh):
    user = fresh("alice")[0]
    old = user.bearer(server)
    server.admin("user", "set-password", "--account", user.account, "--name", "alice", stdin="Another-Password-2026!")
    wait_for(lambda: old.send("GET", "/v2/servicerequest/cases").status_code == 401, "the end of a token", seconds=1)
    iam_error(login(server, user.account, "alice", user.password), 401)
    assert login(server, user.account, "alice", "Another-Password-2026!").status_code == 201
