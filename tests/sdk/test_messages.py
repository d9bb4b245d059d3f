"""Messages between the customer and the desk."""

from callers import refused


def contents(customer, case_id, **query):
    return [message.content for message in customer.list_messages(case_id=case_id, **query).message_list]


def test_messages_newest_first(alice, alice_user, submit, say, desk):
    case_id = submit(alice, "One")
    say(alice, case_id, "Two")
    desk.act(case_id, "accept")
    desk.act(case_id, "reply", content="Three", next="processing")
    say(alice, case_id, "四")
    answer = alice.list_messages(case_id=case_id)
    assert answer.count == 4
    assert [message.content for message in answer.message_list] == ["四", "Three", "Two", "One"]
    assert [message.is_first_message for message in answer.message_list] == [0, 0, 0, 1]
    assert [message.type for message in answer.message_list] == [0, 1, 0, 0]
    assert [message.replier_type for message in answer.message_list] == [0, 1, 0, 0]
    assert answer.message_list[0].replier == alice_user.user_id
    assert answer.message_list[0].replier_name == "alice"
    assert [message.iam_user_type for message in answer.message_list] == [0, None, 0, 0], "the account's owner"
    assert contents(alice, case_id, offset=1, limit=2) == ["Three", "Two"]


def test_an_answer_resumes_a_case_that_waits_for_it(alice, submit, say, desk):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    desk.act(case_id, "reply", content="Which instance is it?", next="pending_feedback")
    assert alice.show_case_status(case_id=case_id).status == 17
    say(alice, case_id, "The second one")
    assert alice.show_case_status(case_id=case_id).status == 1
    logs = alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list
    assert [entry.operate_type for entry in logs] == [0, 1, 17, 85]


def test_an_answer_to_a_solution_says_not_solved(alice, submit, say, desk):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    desk.act(case_id, "reply", content="Fixed", next="solution")
    assert alice.show_case_status(case_id=case_id).status == 2
    say(alice, case_id, "No, it is not")
    assert alice.show_case_status(case_id=case_id).status == 1
    logs = alice.list_case_operate_logs(case_id=case_id).incident_operate_log_list
    assert [entry.operate_type for entry in logs] == [0, 1, 18, 16]


def test_no_message_on_a_case_that_ended(alice, submit, say, act):
    case_id = submit(alice)
    act(alice, case_id, "cancel")
    with refused(409, "OSM.01019001"):
        say(alice, case_id, "One more thing")


def test_bounds(alice, submit, say):
    case_id = submit(alice)
    with refused(400, "OSM.01010001", "content"):
        say(alice, case_id, "")
    with refused(400, "OSM.01010001", "content"):
        say(alice, case_id, "x" * 10_001)
    say(alice, case_id, "界" * 10_000)
    assert contents(alice, case_id)[0] == "界" * 10_000
    with refused(400, "OSM.01010001", "limit"):
        alice.list_messages(case_id=case_id, limit=101)


def test_accessories_of_a_message(alice, submit, say, text_file):
    case_id = submit(alice)
    accessory_id = text_file(alice, "trace.txt", "first line", accessory_from="message")
    say(alice, case_id, "See the trace", [accessory_id])
    message = alice.list_messages(case_id=case_id).message_list[0]
    assert [(item.accessory_id, item.file_actual_name) for item in message.accessory_list] == [
        (accessory_id, "trace.txt")
    ]
    # What belongs to a message cannot be given to another.
    with refused(400, "OSM.01010001", "accessory_ids"):
        say(alice, case_id, "Again", [accessory_id])


def reply(desk, case_id, content):
    """An engineer's message in a case that is worked on."""
    desk.act(case_id, "reply", content=content, next="processing")


def polled(answer, *case_ids):
    """The texts of each case in a poll. The SDK sends lists in an order of its own."""
    texts = {case.incident_id: [message.content for message in case.message_list] for case in answer.immsg}
    assert len(texts) == len(case_ids)
    return [texts[case_id] for case_id in case_ids]


def test_polling_several_cases(alice, submit, say, desk):
    one, two = submit(alice, "One"), submit(alice, "Two")
    desk.act(one, "accept")
    reply(desk, one, "Hello")
    first = alice.list_new_instant_messages(case_ids=[one, two])
    assert polled(first, one, two) == [["One", "Hello"], ["Two"]]
    assert {case.incident_id: case.status for case in first.imstatus} == {one: 0, two: 1}
    say(alice, two, "More")
    cursor = first.last_message_time_id
    second = alice.list_new_instant_messages(case_ids=[one, two], last_message_time_id=cursor)
    assert polled(second, one, two) == [[], ["More"]]
    third = alice.list_new_instant_messages(case_ids=[one, two], last_message_time_id=second.last_message_time_id)
    assert polled(third, one, two) == [[], []]
    with refused(400, "OSM.01010001", "last_message_time_id"):
        alice.list_new_instant_messages(case_ids=[one], last_message_time_id="yesterday")


def test_unread_until_marked_as_read(alice, submit, desk):
    case_id = submit(alice)
    desk.act(case_id, "accept")
    reply(desk, case_id, "Hello")
    counts = alice.list_unread_new_instant_messages(case_ids=[case_id]).imunread
    assert [(count.incident_id, count.status, count.unread_num) for count in counts] == [(case_id, 1, 1)]
    alice.update_new_instant_messages_read(case_id=case_id, body={})
    counts = alice.list_unread_new_instant_messages(case_ids=[case_id]).imunread
    assert [count.unread_num for count in counts] == [0]


def test_older_messages(alice, submit, say):
    case_id = submit(alice, "One")
    say(alice, case_id, "Two")
    older = alice.list_more_instant_messages(case_id=case_id, create_time="1999999999999", type=0, limit=1)
    assert (older.count, [message.content for message in older.message_list]) == (2, ["Two"])
    with refused(400, "OSM.01010001", "create_time"):
        alice.list_more_instant_messages(case_id=case_id, create_time="x", type=0, limit=1)


def newest_id(customer, case_id):
    """The id of the newest message; the SDK's model of a message has none, the wire has."""
    answer = customer.signed("GET", f"/v2/servicerequest/cases/{case_id}/messages")
    return answer.json()["message_list"][0]["message_id"]


def test_taking_a_message_back(alice, submit, say, desk):
    case_id = submit(alice, "One")
    say(alice, case_id, "Oops")
    desk.show(case_id)
    with refused(403, "OSM.01010002"):
        alice.revoke_message(case_id=case_id, message_id=newest_id(alice, case_id))
    say(alice, case_id, "Again")
    message_id = newest_id(alice, case_id)
    alice.revoke_message(case_id=case_id, message_id=message_id)
    assert contents(alice, case_id) == ["Oops", "One"]
    trace = desk.show(case_id)["messages"][-1]
    assert (trace["message_id"], trace["content"]) == (message_id, "") and trace["withdrawn_at"]
