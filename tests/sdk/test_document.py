"""The OpenAPI document: valid by a validator that others use, and of what the SDK knows."""

import json

import huaweicloudsdkosm.v2 as sdk
import requests
from openapi_spec_validator import OpenAPIV31SpecValidator


def document(server):
    """The document that the running server gives."""
    answer = requests.get(server.url + "/openapi.json", timeout=30)
    assert answer.status_code == 200
    return answer.json()


def operations(document):
    """Every operation: id and description."""
    return {op["operationId"]: op for path in document["paths"].values() for op in path.values()}


def test_it_is_valid(server):
    errors = [f"{list(error.absolute_path)}: {error.message}" for error in OpenAPIV31SpecValidator(document(server)).iter_errors()]
    assert not errors, "\n".join(errors[:20])


def test_the_command_prints_the_same(server):
    printed = server.run("openapi")
    assert printed.returncode == 0
    assert json.loads(printed.stdout) == document(server)


def test_every_call_of_the_sdk_is_described(server):
    known = {name for name in operations(document(server))}
    # Each call of the API has an invoker beside it; what else the client has is about itself.
    names = set(vars(sdk.OsmClient))
    calls = {"".join(word.capitalize() for word in name.split("_")) for name in names if f"{name}_invoker" in names}
    assert len(calls) >= 82
    assert not calls - known, sorted(calls - known)


def test_every_operation_is_whole(server):
    for name, operation in operations(document(server)).items():
        assert operation["summary"] and operation["x-zh"] and operation["x-permission"], name
        assert any(status.startswith("2") for status in operation["responses"]), name
        for response in operation["responses"].values():
            assert response["description"], name
