"""The export of cases, opened with a program that reads spreadsheets, and the older list."""

import datetime
import io

import openpyxl

from callers import refused

ZONE = datetime.timezone(datetime.timedelta(hours=8))


def book(customer, **fields):
    """The workbook of an export and its headers."""
    content, headers = customer.download("download_cases", **{"language": "en-us", "timezone": "GMT+8", **fields})
    return openpyxl.load_workbook(io.BytesIO(content)), headers


def rows(customer, **fields):
    """The values of the first sheet without the head."""
    sheet = book(customer, **fields)[0].active
    return [list(row) for row in sheet.iter_rows(min_row=2, values_only=True)]


def test_download_cases(server, fresh, submit, act):
    customer = fresh("alice")[0].customer(server)
    before = datetime.datetime.now(ZONE).replace(tzinfo=None, microsecond=0)
    first, second = submit(customer, "弹性云服务器无法登录"), submit(customer, "The second question")
    act(customer, second, "cancel")
    workbook, headers = book(customer)
    assert headers["Content-Disposition"].endswith('.xlsx"')
    assert headers["Content-Type"] == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    sheet = workbook.active
    assert sheet.title == "Service tickets"
    assert sheet.max_row == 3
    head = [cell.value for cell in sheet[1]]
    assert head[:3] == ["Service ticket", "Status", "Description"]
    newest, oldest = rows(customer)
    assert (newest[0], newest[1], newest[2]) == (second, "Canceled", "The second question")
    assert (oldest[0], oldest[1], oldest[2]) == (first, "To be processed", "弹性云服务器无法登录")
    submitted = oldest[head.index("Submitted")]
    after = datetime.datetime.now(ZONE).replace(tzinfo=None)
    assert before <= submitted <= after, "a time is a time, in the zone that was asked for"
    utc = rows(customer, timezone="UTC")[1][head.index("Submitted")]
    assert submitted - utc == datetime.timedelta(hours=8)

    chinese = book(customer, language="zh-cn")[0].active
    assert (chinese.title, chinese["A1"].value, chinese["B2"].value) == ("工单", "工单编号", "已撤销")
    assert [row[0] for row in rows(customer, status=4)] == [second]
    assert [row[0] for row in rows(customer, incident_id=f"{first},{second}", limit=1)] == [second]
    assert rows(customer, tenant_source_id_list=["a", "b"]) == []


def test_download_cases_starts_no_formula(server, fresh, submit):
    customer = fresh("alice")[0].customer(server)
    texts = ['=HYPERLINK("http://x.example","y")', "+1+1", "-1", "@SUM(1)", "\t=1", "＝1+1", "_x0041_ & <b>"]
    for text in texts:
        submit(customer, text)
    sheet = book(customer)[0].active
    cells = [sheet.cell(row=row, column=3) for row in range(2, sheet.max_row + 1)]
    assert all(cell.data_type in ("s", "inlineStr") for cell in cells)
    assert [cell.value for cell in cells] == ["_x0041_ & <b>", *["'" + text for text in texts[-2::-1]]]


def test_download_cases_needs_the_right(server, fresh, submit):
    users = fresh("alice", "bob")
    alice, bob = (user.customer(server) for user in users)
    submit(bob, "Bob's question")
    with refused(403, "OSM.01010002"):
        bob.download_cases(language="en-us", timezone="UTC")
    assert len(rows(alice)) == 1
    with refused(400, "OSM.01010001", "timezone"):
        alice.download_cases(language="en-us", timezone="Mars")


def test_list_order_incident(server, fresh, submit, act, consultation):
    customer = fresh("alice")[0].customer(server)
    created = [submit(customer, f"Question {number}") for number in range(3)]
    act(customer, created[1], "cancel")
    page = customer.list_order_incident(page_no=1, page_size=2)
    assert page.total_count == 3
    assert [case.incident_id for case in page.incident_info_list] == [created[2], created[1]]
    case = page.incident_info_list[0]
    assert (case.simple_describe, case.status, case.type, case.gray) == ("Question 2", 0, 0, False)
    assert case.business_type_name == consultation.problem_name
    canceled = customer.list_order_incident(incident_status="4,12")
    assert [case.incident_id for case in canceled.incident_info_list] == [created[1]]
    assert customer.list_order_incident(search_key=["Question", "1"]).total_count == 1
    assert customer.list_order_incident(business_type_id=consultation.problem).total_count == 3
    assert customer.list_order_incident(product_category_id="0" * 32).total_count == 0
    with refused(400, "OSM.01010001", "pageSize"):
        customer.list_order_incident(page_size=101)
