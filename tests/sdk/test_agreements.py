"""Agreements through the SDK: shown in both languages, signed, and demanded when the operator says so."""

import pytest
from huaweicloudsdkosm.v2 import SignAgreementReq

from callers import refused
from server import Server


@pytest.fixture(scope="module")
def strict():
    """A server of this module's own: what is published concerns everybody on it."""
    running = Server()
    try:
        yield running.start()
    finally:
        running.close()


@pytest.fixture(scope="module")
def users(strict):
    """The owner of an account and another user of it, as callers."""
    from conftest import new_account

    return [user.customer(strict) for user in new_account(strict, "alice", "bob")]


def sign(customer, agreement, **fields):
    """Signs, and gives the record."""
    body = SignAgreementReq(**fields)
    return customer.sign_published_agreement(id=int(agreement.id), body=body).agreement_signed_record_id


def test_every_kind_is_published_in_both_languages(alice):
    for kind, english, chinese in [
        (None, "Agreement on submitting cases", "提交工单协议"),
        ("1", "Agreement on submitting cases (ISV users)", "提交工单协议（ISV用户）"),
        ("2", "Agreement on authorizations", "授权协议"),
    ]:
        for language, name in [("en-us", english), ("zh-cn", chinese)]:
            caller = alice.speaking(language)
            fields = {"agreement_type": kind} if kind else {}
            agreement = caller.show_latest_published_agreement(**fields).case_agreement
            assert (agreement.agreement_name, agreement.agreement_type) == (name, kind or "0")
            assert agreement.version == 1 and agreement.content.startswith(name)
    assert alice.show_latest_published_agreement(agreement_type="5").case_agreement.id is None


def test_signing_is_remembered_once(alice):
    agreement = alice.show_latest_published_agreement(agreement_type="0").case_agreement
    assert alice.show_signed_latest_published_agreement(agreement_type="0").is_signed_latest is False
    record = sign(alice, agreement, relation_id="TT2026010500000001")
    assert sign(alice, agreement, relation_id="TT2026010500000001") == record
    assert sign(alice, agreement) != record
    assert alice.show_signed_latest_published_agreement().is_signed_latest is True
    assert alice.show_signed_latest_published_agreement(agreement_type="2").is_signed_latest is False


def test_a_new_mandatory_version_is_demanded_from_then_on(strict, users, submit):
    alice, bob = users
    submit(alice)
    text = strict.folder / "rules.txt"
    text.write_text("规则", encoding="utf-8")
    published = strict.admin(
        "agreement", "publish", "--kind", "0", "--lang", "zh-cn", "--file", str(text), "--mandatory"
    )
    assert published["version"] == 2
    agreement = alice.show_latest_published_agreement().case_agreement
    assert (agreement.content, agreement.version) == ("规则", 2)
    with refused(409, "OSM.01019030"):
        submit(alice)
    sign(alice, agreement)
    submit(alice)
    with refused(409, "OSM.01019030"):
        submit(bob)
    signatures = strict.admin("agreement", "signatures", "--account", account_of(strict))["signatures"]
    assert [(one["version"], one["client_address"]) for one in signatures] == [(2, "127.0.0.1")]


def account_of(server):
    """The one customer's account of a server."""
    accounts = server.admin("account", "list")["accounts"]
    return next(account["name"] for account in accounts if account["name"] != "provider")
