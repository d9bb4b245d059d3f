"""Fixtures: one server for the whole run, one account for each test module that asks, fresh accounts on demand."""

import base64
import dataclasses
import json
import secrets

import huaweicloudsdkosm.v2 as models
import pytest

import callers
from server import BINARY, ENGINE, Server

SOURCE_ID = "83aeb0f2834c4df49826c781d32a963e"
STAFF_PASSWORD = "Erin-Test-2026!"


def pytest_report_header():
    """Says what is being driven, so that a log tells it."""
    return f"counterfoil: {BINARY} on {ENGINE}"


def pytest_configure():
    """Without a binary nothing can be tested: said once instead of by every test."""
    if not BINARY.exists():
        pytest.exit(f"{BINARY} is missing: cargo build --package counterfoil --bin counterfoil", returncode=3)


@pytest.fixture(scope="session")
def server():
    """The server that most tests share."""
    running = Server()
    try:
        yield running.start()
    finally:
        running.close()


@dataclasses.dataclass
class User:
    """A user, with what it takes to log in as that user."""

    account: str
    domain_id: str
    user_id: str
    name: str
    password: str
    access: str
    secret: str

    def customer(self, server, **options):
        """This user through the SDK."""
        return callers.Customer(server, self.access, self.secret, **options)

    def bearer(self, server):
        """This user with a token."""
        return callers.Bearer(server, callers.token_of(server, self.account, self.name, self.password))


def add_user(server, account, domain_id, name):
    """Makes a user and an access key through the command line."""
    password = f"{name.title()}-Test-2026!"
    user = server.admin("user", "create", "--account", account, "--name", name, "--password-stdin", stdin=password)
    key = server.admin("access-key", "create", "--account", account, "--user", name)
    assert user["name"] == name and user["domain_id"] == domain_id
    return User(account, domain_id, user["user_id"], name, password, key["access"], key["secret"])


def new_account(server, *names):
    """Makes an account with a random name; its first user is the owner."""
    name = "t" + secrets.token_hex(6)
    account = server.admin("account", "create", name)
    assert account["name"] == name
    return [add_user(server, name, account["domain_id"], user) for user in names]


@pytest.fixture(scope="module")
def alice_user(server):
    """The owner of an account that the tests of one module share."""
    return new_account(server, "alice")[0]


@pytest.fixture(scope="module")
def alice(server, alice_user):
    """The same through the SDK, signed."""
    return alice_user.customer(server)


@pytest.fixture(scope="session")
def mallory(server):
    """Somebody of another account, who must never see anything."""
    return new_account(server, "mallory")[0].customer(server)


@pytest.fixture
def fresh(server):
    """An account of this test alone, for whoever counts things: `fresh("alice", "bob")` gives its users."""
    return lambda *names: new_account(server, *names)


@pytest.fixture(scope="session")
def desk(server):
    """An engineer at the desk."""
    server.admin("staff", "create", "--name", "erin", "--role", "engineer", "--password-stdin", stdin=STAFF_PASSWORD)
    return Desk(server, callers.token_of(server, "provider", "erin", STAFF_PASSWORD))


@pytest.fixture(scope="session")
def lead(server):
    """A lead at the desk."""
    server.admin("staff", "create", "--name", "leo", "--role", "lead", "--password-stdin", stdin=STAFF_PASSWORD)
    return Desk(server, callers.token_of(server, "provider", "leo", STAFF_PASSWORD))


class Desk(callers.Bearer):
    """A member of staff working on cases."""

    def act(self, case_id, action, **body):
        """Does something to a case, which has to succeed."""
        return self.ask("POST", f"/desk/v1/cases/{case_id}/{action}", body)

    def list(self, **query):
        """The cases that match."""
        return self.ask("GET", "/desk/v1/cases", params=query)

    def show(self, case_id):
        """One case as staff see it."""
        return self.ask("GET", f"/desk/v1/cases/{case_id}")


@dataclasses.dataclass
class Kind:
    """A place in the catalogue where a case can be submitted."""

    category: str
    product: str
    product_name: str
    problem: str
    problem_name: str
    params: list

    def answers(self):
        """A valid value for every parameter that the form requires."""
        return {param.param_key: sample(param) for param in self.params if param.required == 1}


def sample(param):
    """Some value that a parameter's own rules allow."""
    if param.param_type == 1:
        return str(param.min_value)
    if param.param_type in (4, 5):
        return json.loads(param.select_item)[0]["key"]
    if param.param_type == 7:
        return "true"
    return "sample-0001"[: param.length or 11]


def kinds(client, case_type):
    """Every product's problem types of one kind: "0" consultation, "5" fault."""
    for category in client.list_case_categories().incident_sub_type_list:
        for product in category.incident_product_category_list:
            product_id = product.incident_product_category_id
            problems = client.list_problem_types(product_category_id=product_id).incident_business_type_list
            for problem in problems:
                if problem.case_type == case_type:
                    params = client.list_extends_params(business_type_id=problem.business_type_id).extends_params
                    yield Kind(
                        category.incident_sub_type_id,
                        product_id,
                        product.incident_product_category_name,
                        problem.business_type_id,
                        problem.business_type_name,
                        params,
                    )


@pytest.fixture(scope="session")
def consultation(mallory):
    """The first problem type that is a consultation."""
    return next(kinds(mallory, "0"))


@pytest.fixture(scope="session")
def fault(mallory):
    """The first problem type that is a fault."""
    return next(kinds(mallory, "5"))


@pytest.fixture(scope="session")
def demanding(mallory):
    """A problem type whose form requires something more than a description."""
    for case_type in ("0", "5"):
        for kind in kinds(mallory, case_type):
            if kind.answers():
                return kind, case_type
    raise AssertionError("no problem type of the built-in catalogue requires a parameter")


@pytest.fixture(scope="session")
def region_id(mallory):
    """Some region."""
    return mallory.list_regions().data_center_list[0].region_id


@pytest.fixture(scope="session")
def submit(consultation):
    """Submits a consultation as the given customer and gives its id; keywords change or add fields."""

    def submit_as(customer, description="How do I raise my quota?", **fields):
        values = {
            "incident_sub_type_id": consultation.category,
            "product_category_id": consultation.product,
            "business_type_id": consultation.problem,
            "simple_description": description,
            "source_id": SOURCE_ID,
            "extends_map": consultation.answers() or None,
            **fields,
        }
        return customer.create_cases(body=models.CreateOrderIncidentV2Req(**values)).incident_id

    return submit_as


@pytest.fixture(scope="session")
def act():
    """Operates on a case as a customer: cancel, close, press, delete, reopen."""

    def act_as(customer, case_id, action, **fields):
        return customer.update_cases(case_id=case_id, action_id=action, body=models.WorkOrderOperateV2Req(**fields))

    return act_as


@pytest.fixture(scope="session")
def say():
    """Adds a customer's message to a case."""

    def say_as(customer, case_id, content, accessory_ids=None):
        message = models.CreateMessageDoV2(content=content, accessory_ids=accessory_ids)
        return customer.create_messages(case_id=case_id, body=models.CreateMessageV2Req(message=message))

    return say_as


@pytest.fixture
def word():
    """A word that no other test uses, for searching."""
    return "w" + secrets.token_hex(8)


# One red dot, 1 x 1 pixel.
PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4z8AAAAMBAQDJ/pLvAAAAAElFTkSuQmCC")


@pytest.fixture(scope="session")
def text_file():
    """Uploads a text file as JSON and gives its id."""

    def upload_as(customer, name, content, accessory_from="incident"):
        data = base64.b64encode(content.encode()).decode()
        return customer.upload_json_accessories(
            body=models.AccessoryJsonFormatReq(
                accessory_name=name, accessory_from=accessory_from, upload_type=0, accessory_data=data
            )
        ).accessory_id

    return upload_as
