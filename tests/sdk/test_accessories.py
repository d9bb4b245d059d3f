"""Attachments: both ways of uploading, every way of getting them back, and what is refused."""

import base64
import io
import json
import zipfile

import huaweicloudsdkosm.v2 as models
import pytest
import requests
from huaweicloudsdkcore.http.formdata import FormFile

from callers import refused
from conftest import PNG

TEXT = "The log says:\n拒绝连接\n"


@pytest.fixture
def upload(tmp_path):
    """Uploads a file as a multipart form, as the SDK does it."""

    def upload_as(customer, name, content, accessory_from="incident", **form):
        path = tmp_path / name
        path.write_bytes(content)
        form_data = json.dumps({"fileName": name, "accessoryFrom": accessory_from, "uploadType": 0, **form})
        body = models.UploadAccessoryRequestBody(file=FormFile(str(path)), form_data=form_data)
        return customer.upload_accessory(body=body).accessory_id

    return upload_as


def attach(customer, submit, *accessory_ids):
    """A case with these attachments."""
    return submit(customer, "See the files", accessory_ids=list(accessory_ids))


def test_upload_accessory(alice, submit, upload):
    accessory_id = upload(alice, "notes.txt", TEXT.encode())
    assert len(accessory_id) == 32
    case_id = attach(alice, submit, accessory_id)
    [first] = alice.show_case_detail(case_id=case_id).incident_detail_info.message_list
    [accessory] = first.accessory_list
    assert (accessory.accessory_id, accessory.file_actual_name) == (accessory_id, "notes.txt")


def test_upload_json_accessories(alice, submit, text_file):
    accessory_id = text_file(alice, "说明.txt", TEXT)
    attach(alice, submit, accessory_id)
    content, headers = alice.download("download_accessories", accessory_id=accessory_id)
    assert content.decode() == TEXT
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Disposition"].startswith("attachment")


def test_upload_of_a_megabyte(alice, submit, upload):
    content = bytes(range(32, 127)) * 11_000
    accessory_id = upload(alice, "big.txt", content)
    attach(alice, submit, accessory_id)
    assert alice.download("download_accessories", accessory_id=accessory_id)[0] == content


def test_download_several_as_a_zip(alice, submit, upload, text_file):
    # The same name twice: both have to come out.
    one, two = text_file(alice, "a.txt", "one"), text_file(alice, "a.txt", "two")
    three = upload(alice, "图.png", PNG)
    attach(alice, submit, one, two, three)
    content, headers = alice.download("download_accessories", accessory_id=",".join([one, two, three]))
    assert headers["Content-Type"] == "application/zip"
    archive = zipfile.ZipFile(io.BytesIO(content))
    assert archive.testzip() is None
    assert sorted(archive.read(name) for name in archive.namelist()) == sorted([b"one", b"two", PNG])
    assert len(set(archive.namelist())) == 3 and "图.png" in archive.namelist()


def test_download_images(alice, submit, upload, text_file):
    image, text = upload(alice, "dot.png", PNG), text_file(alice, "dot.txt", "no image")
    attach(alice, submit, image, text)
    content, headers = alice.download("download_images", accessory_id=image)
    assert content == PNG and headers["Content-Type"] == "image/png"
    with refused(400, "OSM.01010001"):
        alice.download_images(accessory_id=text)


def test_access_urls_work_without_a_login(server, alice, submit, text_file):
    ids = [text_file(alice, f"{number}.txt", f"file {number}") for number in range(3)]
    case_id = attach(alice, submit, *ids)
    urls = alice.list_accessory_access_urls(accessory_ids=ids).accessory_urls
    assert [item.accessory_id for item in urls] == ids
    assert [item.accessory_name for item in urls] == ["0.txt", "1.txt", "2.txt"]
    for number, item in enumerate(urls):
        answer = requests.get(item.accessory_url, timeout=30)
        assert (answer.status_code, answer.text) == (200, f"file {number}")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Disposition"].startswith("attachment")
    single = alice.show_download_accessory_url(accessory_id=ids[0], relation_type="INCIDENT", incident_id=case_id)
    assert requests.get(single.accessory_url, timeout=30).text == "file 0"


def test_access_urls_cannot_be_changed(alice, submit, text_file):
    mine, other = text_file(alice, "a.txt", "a"), text_file(alice, "b.txt", "b")
    attach(alice, submit, mine, other)
    url = alice.list_accessory_access_urls(accessory_ids=[mine]).accessory_urls[0].accessory_url
    last = url[-1]
    for forged in (url[:-1] + ("a" if last != "a" else "b"), url.replace(mine, other), url.split("?")[0]):
        if forged != url:
            answer = requests.get(forged, timeout=30)
            assert answer.status_code == 403 and answer.json()["error_code"] == "OSM.01019007", forged


def test_access_urls_of_others_are_left_out(alice, mallory, submit, text_file):
    accessory_id = text_file(alice, "a.txt", "a")
    attach(alice, submit, accessory_id)
    assert mallory.list_accessory_access_urls(accessory_ids=[accessory_id]).accessory_urls == []
    with refused(404, "OSM.01019003"):
        mallory.show_download_accessory_url(accessory_id=accessory_id, relation_type="DEFAULT")
    with refused(400, "OSM.01010001", "relation_type"):
        alice.show_download_accessory_url(accessory_id=accessory_id, relation_type="OTHER")


def test_delete_accessories(alice, mallory, submit, text_file):
    accessory_id = text_file(alice, "wrong.txt", "wrong")
    with refused(404, "OSM.01019003"):
        mallory.delete_accessories(accessory_id=accessory_id)
    alice.delete_accessories(accessory_id=accessory_id)
    with refused(404, "OSM.01019003"):
        alice.delete_accessories(accessory_id=accessory_id)
    with refused(404, "OSM.01019003"):
        alice.download_accessories(accessory_id=accessory_id)
    with refused(400, "OSM.01010001", "accessory_ids"):
        attach(alice, submit, accessory_id)


def test_delete_only_what_belongs_to_no_case(alice, submit, text_file):
    accessory_id = text_file(alice, "kept.txt", "kept")
    attach(alice, submit, accessory_id)
    with refused(403, "OSM.01010002"):
        alice.delete_accessories(accessory_id=accessory_id)
    assert alice.download("download_accessories", accessory_id=accessory_id)[0] == b"kept"


@pytest.mark.parametrize(
    "name, content",
    [
        ("page.png", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
        ("page.txt", b"<!DOCTYPE html><script>alert(1)</script>"),
        ("tool.exe", b"MZ\x90\x00"),
        ("tool.txt", b"\x7fELF\x02\x01\x01" + bytes(64)),
        ("photo.png", b"just text"),
    ],
    ids=["svg as png", "html as txt", "exe", "elf as txt", "text as png"],
)
def test_unsafe_files_are_refused(alice, upload, name, content):
    with refused(400, "OSM.01010001"):
        upload(alice, name, content)
    body = models.AccessoryJsonFormatReq(
        accessory_name=name, accessory_from="incident", upload_type=0, accessory_data=base64.b64encode(content).decode()
    )
    with refused(400, "OSM.01010001"):
        alice.upload_json_accessories(body=body)


def test_names_are_never_paths(alice, submit, text_file):
    accessory_id = text_file(alice, "../../etc/passwd.txt", "harmless")
    case_id = attach(alice, submit, accessory_id)
    [first] = alice.show_case_detail(case_id=case_id).incident_detail_info.message_list
    assert "/" not in first.accessory_list[0].file_actual_name
    assert alice.download("download_accessories", accessory_id=accessory_id)[0] == b"harmless"


def test_limits_are_kept(alice, upload):
    megabytes = int(alice.show_accessory_limits().accessory_limit.limit_size)
    with refused(400, "OSM.01010001"):
        upload(alice, "huge.txt", b"x" * (megabytes * 1024 * 1024 + 1))


def test_too_many_accessories(alice, submit, text_file):
    count = int(alice.show_accessory_limits().accessory_limit.limit_count)
    ids = [text_file(alice, f"{number}.txt", "x") for number in range(count + 1)]
    with refused(400, "OSM.01010001", "accessory_ids"):
        attach(alice, submit, *ids)
    attach(alice, submit, *ids[:count])


@pytest.mark.parametrize(
    "fields, named",
    [
        ({"accessory_name": "x" * 510 + ".txt"}, "accessory_name"),
        ({"accessory_from": "elsewhere"}, "accessory_from"),
        ({"upload_type": 2}, "upload_type"),
        ({"accessory_data": "not base64!"}, "accessory_data"),
    ],
)
def test_json_uploads_are_checked(alice, fields, named):
    values = {
        "accessory_name": "a.txt",
        "accessory_from": "incident",
        "upload_type": 0,
        "accessory_data": "YQ==",
        **fields,
    }
    with refused(400, "OSM.01010001", named):
        alice.upload_json_accessories(body=models.AccessoryJsonFormatReq(**values))


def test_bad_form_data(alice, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("a")
    for form_data in ("not json", "[]", json.dumps({"fileName": "a.txt"})):
        with refused(400, "OSM.01010001", "form_data"):
            alice.upload_accessory(
                body=models.UploadAccessoryRequestBody(file=FormFile(str(path)), form_data=form_data)
            )


def test_others_cannot_attach_or_read(server, fresh, submit, text_file):
    alice, bob = [user.customer(server) for user in fresh("alice", "bob")]
    accessory_id = text_file(alice, "mine.txt", "mine")
    # Only the uploader may use a file before it belongs to a case.
    with refused(400, "OSM.01010001", "accessory_ids"):
        attach(bob, submit, accessory_id)
    attach(alice, submit, accessory_id)
    with refused(404, "OSM.01019003"):
        bob.download_accessories(accessory_id=accessory_id)
