"""Labels: keeping them, putting them on cases, finding cases by them."""

import huaweicloudsdkosm.v2 as models
import pytest

from callers import refused


def create(customer, name, color="#0A0B0C"):
    """Makes a label; its id, which the documented answer does not tell."""
    customer.create_labels(body=models.CreateLabelsReq(name=name, color=color))
    [label] = [label for label in customer.list_labels(name=name, limit=100).label_list if label.name == name]
    return label.label_id


def ids(page):
    """The case ids of a page, in its order."""
    return [case.incident_id for case in page.incident_info_list]


@pytest.fixture
def customer(server, fresh):
    """The owner of an account without a label."""
    return fresh("alice")[0].customer(server)


def test_labels_of_an_account(customer, mallory):
    assert customer.list_labels().total_count == 0
    first, second = create(customer, "生产环境", "#FF0000"), create(customer, "Urgent")
    page = customer.list_labels()
    assert page.total_count == 2
    assert [(label.label_id, label.name, label.color) for label in page.label_list] == [
        (first, "生产环境", "#FF0000"),
        (second, "Urgent", "#0A0B0C"),
    ]
    assert [label.name for label in customer.list_labels(name="URG").label_list] == ["Urgent"]
    assert [label.name for label in customer.list_labels(label_id=first).label_list] == ["生产环境"]
    assert [label.name for label in customer.list_labels(offset=1, limit=1).label_list] == ["Urgent"]
    customer.update_labels(label_id=second, body=models.UpdateLabelsReq(name="Later", color="#00ff00"))
    assert [label.name for label in customer.list_labels().label_list] == ["生产环境", "Later"]
    customer.delete_labels(label_id=first)
    assert [label.name for label in customer.list_labels().label_list] == ["Later"]
    with refused(404, "OSM.01010039"):
        customer.delete_labels(label_id=first)
    with refused(404, "OSM.01010039"):
        mallory.update_labels(label_id=second, body=models.UpdateLabelsReq(name="Mine", color="#00ff00"))


def test_what_a_label_may_be(customer):
    create(customer, "prod")
    with refused(409, "OSM.01010040"):
        customer.create_labels(body=models.CreateLabelsReq(name="prod", color="#000000"))
    with refused(400, "OSM.01010001", "color"):
        customer.create_labels(body=models.CreateLabelsReq(name="test", color="red"))
    with refused(400, "OSM.01010001", "name"):
        customer.create_labels(body=models.CreateLabelsReq(name="x" * 65, color="#000000"))
    for number in range(29):
        customer.create_labels(body=models.CreateLabelsReq(name=f"label {number}", color="#000000"))
    with refused(409, "OSM.01010041"):
        customer.create_labels(body=models.CreateLabelsReq(name="one too many", color="#000000"))


def test_labels_on_cases(customer, submit, act):
    a, b = create(customer, "a"), create(customer, "b")
    one, two = submit(customer), submit(customer)
    # The SDK repeats the key in the query.
    customer.create_case_labels(case_id=one, label_ids=[a, b])
    customer.create_case_labels(case_id=two, label_ids=[b])
    assert [label.name for label in customer.list_case_labels(case_id=one).case_label_list] == ["a", "b"]
    listed = customer.list_cases().incident_info_list
    assert [[label.label_id for label in case.label_list] for case in listed] == [[b], [a, b]]
    assert ids(customer.list_cases(label_id_list=[str(b)])) == [two, one]
    assert ids(customer.list_cases(label_id_list=[str(a), str(b)])) == [one]
    assert ids(customer.list_cases(label_id_list=[str(b)], status=4)) == []
    act(customer, two, "cancel")
    found = customer.list_cases(label_id_list=[str(b)], status=4)
    assert (found.total_count, ids(found)) == (1, [two])
    customer.delete_case_labels(case_id=one, label_ids=[b])
    assert ids(customer.list_cases(label_id_list=[str(b)])) == [two]
    customer.delete_labels(label_id=a)
    assert customer.list_case_labels(case_id=one).case_label_list == []


def test_five_labels_on_a_case(customer, mallory, submit):
    case_id = submit(customer)
    labels = [create(customer, f"label {number}") for number in range(6)]
    customer.create_case_labels(case_id=case_id, label_ids=labels[:5])
    with refused(409, "OSM.01010042"):
        customer.create_case_labels(case_id=case_id, label_ids=labels[5:])
    with refused(400, "OSM.01010001", "label_ids"):
        customer.create_case_labels(case_id=case_id, label_ids=labels)
    with refused(404, "OSM.01010039"):
        customer.create_case_labels(case_id=case_id, label_ids=[1])
    for call in (mallory.create_case_labels, mallory.delete_case_labels):
        with refused(404, "OSM.01010015"):
            call(case_id=case_id, label_ids=labels[:1])
    with refused(404, "OSM.01010015"):
        mallory.list_case_labels(case_id=case_id)
