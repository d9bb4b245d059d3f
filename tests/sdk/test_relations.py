"""Relations: cases that belong together."""

import huaweicloudsdkosm.v2 as models

from callers import refused


def relate(customer, case_id, *others, group_id=None):
    body = models.CreateRelationsReq(related_id_list=list(others), group_id=group_id)
    return customer.create_relations(case_id=case_id, body=body)


def related(customer, case_id):
    """The related cases by their ids."""
    return {case.case_id: case for case in customer.list_relation(case_id=case_id).case_relation_list}


def test_relations(alice, mallory, submit):
    one, two, three = submit(alice, "The first"), submit(alice, "第二个"), submit(alice)
    assert related(alice, one) == {}
    relate(alice, one, two, three)
    found = related(alice, one)
    assert list(found) == [two, three]
    assert (found[two].simple_description, found[two].user_name) == ("第二个", "alice")
    assert list(related(alice, three)) == [one], "from both sides"
    alice.delete_relation(case_id=three, body=models.DeleteRelationsReq(related_id=one))
    assert list(related(alice, one)) == [two]
    # Not there any more, which is no error.
    alice.delete_relation(case_id=three, body=models.DeleteRelationsReq(related_id=one))
    with refused(404, "OSM.01010015"):
        mallory.list_relation(case_id=one)
    foreign = submit(mallory)
    with refused(404, "OSM.01010015"):
        relate(alice, one, foreign)


def test_three_relations_and_none_with_itself(alice, submit):
    first, *others = [submit(alice) for _ in range(5)]
    with refused(400, "OSM.01010044"):
        relate(alice, first, first)
    relate(alice, first, *others[:3])
    with refused(409, "OSM.01010043"):
        relate(alice, first, others[3])
    with refused(409, "OSM.01010043"):
        relate(alice, others[3], first)
    with refused(400, "OSM.01010001", "related_id_list"):
        relate(alice, first, *others)


def test_a_colleague_s_case_without_a_group(server, fresh, submit):
    alice, bob = (user.customer(server) for user in fresh("alice", "bob"))
    hers, his = submit(alice), submit(bob)
    with refused(404, "OSM.01010015"):
        relate(bob, his, hers)
    relate(alice, his, hers)
    assert list(related(bob, his)) == [hers], "he sees that there is one"
    with refused(403, "OSM.01010002"):
        bob.show_case_detail(case_id=hers)
