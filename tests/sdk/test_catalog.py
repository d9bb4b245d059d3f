"""The catalogue: ten configuration queries, the limits and the public configuration, in two languages."""

import re

import pytest
import requests

from callers import refused


def test_list_area_codes(alice):
    codes = alice.list_area_codes().area_code_list
    assert len(codes) > 190, "every country and region with its dialling code"
    assert [code.id for code in codes] == sorted({code.id for code in codes})
    assert all(re.fullmatch(r"[0-9]{1,4}(-?[0-9]{1,4})?", code.area_code) for code in codes)
    china = {code.area_code: code.area_name for code in codes}["86"]
    assert china.startswith("中国")
    english = {code.area_code: code.area_name for code in alice.speaking("en-us").list_area_codes().area_code_list}
    assert "China" in english["86"]


def test_list_case_categories(alice):
    answer = alice.list_case_categories()
    assert answer.total_count == len(answer.incident_sub_type_list) >= 6
    products = [
        product for category in answer.incident_sub_type_list for product in category.incident_product_category_list
    ]
    assert len(products) >= 30
    assert all(category.incident_product_category_list for category in answer.incident_sub_type_list)


def test_list_product_categories(alice):
    everything = alice.list_product_categories()
    assert everything.total_count == len(everything.incident_product_category_list) >= 30
    wanted = everything.incident_product_category_list[0]
    by_name = alice.list_product_categories(product_category_name=wanted.incident_product_category_name)
    assert wanted.incident_product_category_id in [
        product.incident_product_category_id for product in by_name.incident_product_category_list
    ]
    assert by_name.total_count < everything.total_count
    acronym = next(
        product.incident_product_category_acronym
        for product in everything.incident_product_category_list
        if product.incident_product_category_acronym
    )
    by_acronym = alice.list_product_categories(product_category_name=acronym.lower())
    assert acronym in [
        product.incident_product_category_acronym for product in by_acronym.incident_product_category_list
    ]
    nothing = alice.list_product_categories(product_category_name="no such product")
    assert (nothing.total_count, nothing.incident_product_category_list) == (0, [])
    with refused(400, "OSM.01010001", "product_category_name"):
        alice.list_product_categories(product_category_name="x" * 65)


def test_list_problem_types(alice):
    everything = alice.list_problem_types()
    assert everything.total_count == len(everything.incident_business_type_list) >= 60
    for product in alice.list_product_categories().incident_product_category_list:
        problems = alice.list_problem_types(product_category_id=product.incident_product_category_id)
        kinds = {problem.case_type for problem in problems.incident_business_type_list}
        assert kinds == {"0", "5"}, f"{product.incident_product_category_name} has no consultation or no fault"
        assert problems.total_count == len(problems.incident_business_type_list)
    unknown = alice.list_problem_types(product_category_id="0" * 32)
    assert (unknown.total_count, unknown.incident_business_type_list) == (0, [])


def test_list_extends_params(alice):
    required = sensitive = 0
    for problem in alice.list_problem_types().incident_business_type_list:
        answer = alice.list_extends_params(business_type_id=problem.business_type_id)
        for param in answer.extends_params:
            assert param.language == "zh-cn"
            assert param.param_type in (1, 3, 4, 5, 7, 8)
            assert {param.required, param.is_show, param.is_sensitive} <= {0, 1}
            required += param.required
            sensitive += param.is_sensitive
    assert required and sensitive, "some parameters are required, one is sensitive"
    with refused(400, "OSM.01010001", "business_type_id"):
        alice.list_extends_params()


def test_list_case_templates(alice):
    problems = alice.list_problem_types().incident_business_type_list
    found = 0
    for problem in problems:
        answer = alice.list_case_templates(business_type_id=problem.business_type_id)
        assert answer.total_count == len(answer.incident_template_list)
        found += answer.total_count
    assert found, "the built-in catalogue has templates"
    unknown = alice.list_case_templates(business_type_id="0" * 32)
    assert (unknown.total_count, unknown.incident_template_list) == (0, [])
    with refused(400, "OSM.01010001", "business_type_id"):
        alice.list_case_templates()


def test_list_severities(alice, consultation):
    answer = alice.list_severities(product_category_id=consultation.product, business_type_id=consultation.problem)
    assert 1 <= len(answer.severity_list) <= 10
    assert all(severity.language == "zh-cn" for severity in answer.severity_list)
    for given in ({"product_category_id": consultation.product}, {"business_type_id": consultation.problem}):
        with refused(400, "OSM.01010001"):
            alice.list_severities(**given)


def test_list_regions(alice):
    answer = alice.list_regions()
    assert answer.total_count == len(answer.data_center_list) >= 1
    assert len({region.region_id for region in answer.data_center_list}) == answer.total_count
    assert all(region.type in (0, 1, 2) and region.is_sensitive in (0, 1) for region in answer.data_center_list)


def test_list_satisfaction_dimensions(alice):
    answer = alice.list_satisfaction_dimensions()
    assert answer.total_count == len(answer.satisfaction_dimension_list) >= 1
    assert all(0 < dimension.per_value <= dimension.value for dimension in answer.satisfaction_dimension_list)


def test_list_case_limits(alice):
    assert alice.list_case_limits().config.create_case_ccemail_max_count == 10


def test_show_accessory_limits(alice):
    limit = alice.show_accessory_limits().accessory_limit
    assert int(limit.limit_count) >= 1 and int(limit.limit_size) >= 1
    assert {"jpg", "png", "txt", "pdf", "zip"} <= set(limit.limit_file_type.lower().split(","))


def test_show_configuration(server, alice):
    key = "case.create-case.diagnose-list"
    assert alice.show_configuration(config_key=key).config_key == key
    # Documented without any login.
    anonymous = requests.get(f"{server.url}/v2/servicerequest/configurations/{key}", timeout=30)
    assert anonymous.status_code == 200 and anonymous.json()["config_key"] == key
    with refused(400, "OSM.01010001"):
        alice.show_configuration(config_key="no.such.key")


@pytest.mark.parametrize(
    "operation, items, name",
    [
        ("list_case_categories", "incident_sub_type_list", "incident_sub_type_name"),
        ("list_product_categories", "incident_product_category_list", "incident_product_category_name"),
        ("list_problem_types", "incident_business_type_list", "business_type_name"),
        ("list_regions", "data_center_list", "region_name"),
        ("list_satisfaction_dimensions", "satisfaction_dimension_list", "satisfaction_name"),
    ],
)
def test_names_follow_the_language(alice, operation, items, name):
    chinese = [getattr(item, name) for item in getattr(getattr(alice, operation)(), items)]
    english = [getattr(item, name) for item in getattr(getattr(alice.speaking("en-us"), operation)(), items)]
    assert len(chinese) == len(english)
    assert any(re.search(r"[\u4e00-\u9fff]", text) for text in chinese)
    assert not any(re.search(r"[\u4e00-\u9fff]", text) for text in english)
    # An unknown language gets English.
    assert [getattr(item, name) for item in getattr(getattr(alice.speaking("xx"), operation)(), items)] == english


def test_list_customers_regions(alice):
    regions = alice.list_customers_regions()
    assert regions.count == len(regions.region_infos) == 1
    [region] = regions.region_infos
    assert region.region_id == "cn-south-1"
    known = {item.region_id: item.region_name for item in alice.list_regions().data_center_list}
    assert region.region_name == known["cn-south-1"]
