"""Checks answers against the SDK's own models, on the JSON that came over the wire.

The SDK is forgiving: it turns numbers into text and text into numbers, and a missing field into None. Others are not,
so every answer is compared with the declared type of each field, and documented mandatory fields have to be there.
"""

import json
import re

import huaweicloudsdkosm.v2 as models

# Answer times: UTC, to the second, with the Z that the SDK would otherwise append itself.
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")

# Fields that an answer always carries. Those the reference marks as mandatory, and those a client cannot do without.
MANDATORY = {
    "ListAreaCodesResponse": ["area_code_list"],
    "AreaCodeSimpleInfoV2": ["id", "area_code", "area_name"],
    "ListCaseCategoriesResponse": ["total_count", "incident_sub_type_list"],
    "IncidentSubTypeV2Do": ["incident_sub_type_id", "incident_sub_type_name", "incident_product_category_list"],
    "ListProductCategoriesResponse": ["total_count", "incident_product_category_list"],
    "IncidentProductCategoryV2": [
        "incident_product_category_id",
        "incident_product_category_name",
        "incident_product_category_desc",
        "incident_product_category_acronym",
        "can_use_support_plan",
    ],
    "ListProblemTypesResponse": ["total_count", "incident_business_type_list"],
    "SimpleIncidentBusinessTypeV2": ["business_type_id", "business_type_name", "case_type", "can_use_support_plan"],
    "ListExtendsParamsResponse": ["extends_params", "common_params"],
    "ExtendsParamV2": [
        "tips",
        "required",
        "length",
        "language",
        "param_key",
        "param_name",
        "param_type",
        "param_desc",
        "default_value",
        "max_value",
        "min_value",
        "select_item",
        "is_show",
        "is_sensitive",
    ],
    "CommonParamV2": ["param_key", "param_name", "is_show", "is_required"],
    "ListCaseTemplatesResponse": ["total_count", "incident_template_list"],
    "IncidentTempV2": ["incident_template_id", "incident_template_name", "incident_template_content"],
    "ListSeveritiesResponse": ["show", "severity_list"],
    "SeverityV2Do": ["language", "severity_name", "severity_id"],
    "ListRegionsResponse": ["total_count", "data_center_list"],
    "DataCenterV2Do": ["type", "region_id", "region_name", "is_sensitive"],
    "ListSatisfactionDimensionsResponse": ["total_count", "satisfaction_dimension_list"],
    "SatisfactionDimensionSimpleInfoV2": [
        "value",
        "satisfaction_id",
        "satisfaction_name",
        "satisfaction_desc",
        "per_value",
        "sat_category_id",
    ],
    "ListCaseLimitsResponse": ["config"],
    "TenantConfigV2": ["create_case_ccemail_max_count"],
    "ShowAccessoryLimitsResponse": ["accessory_limit"],
    "AccessoryLimitVo": ["limit_count", "limit_size", "limit_file_type"],
    "ShowConfigurationResponse": ["config_key", "config_value"],
    "UploadAccessoryResponse": ["accessory_id"],
    "UploadJsonAccessoriesResponse": ["accessory_id"],
    "ListAccessoryAccessUrlsResponse": ["accessory_urls"],
    "AccessoryUrl": ["accessory_id", "accessory_name", "accessory_url"],
    "ShowDownloadAccessoryUrlResponse": ["accessory_url"],
    "SimpleAccessoryV2": ["accessory_id", "file_actual_name"],
    "CreateCasesResponse": ["incident_id"],
    "ListCasesResponse": ["total_count", "incident_info_list"],
    "IncidentInfoV2": [
        "xcustomer_id",
        "xcustomer_name",
        "status",
        "incident_id",
        "business_type_name",
        "incident_type_name",
        "customer_id",
        "dc_name",
        "simple_description",
        "create_time",
        "label_list",
    ],
    "ShowCaseDetailResponse": ["incident_detail_info"],
    "IncidentDetailInfoV2": [
        "xcustomer_id",
        "xcustomer_name",
        "status",
        "judgement",
        "incident_id",
        "business_type_name",
        "incident_type_name",
        "customer_id",
        "dc_name",
        "simple_description",
        "source_name",
        "create_time",
        "message_list",
        "incident_satisfaction",
    ],
    "ListLabelsResponse": ["total_count", "label_list"],
    "ListCaseLabelsResponse": ["case_label_list"],
    "CaseLabelInfo": ["label_id", "name", "color"],
    "LabelInfo": ["label_id", "name", "color"],
    "ListRelationResponse": ["case_relation_list"],
    "CaseRealtionInfo": ["case_id", "simple_description", "user_name"],
    "ListCaseCcEmailsResponse": ["cc_email_info", "mc_email_infos"],
    "IncidentOrderCCEmailInfoV2": ["user_id", "customer_id", "cc_email"],
    "ListCustomersRegionsResponse": ["count", "region_infos"],
    "Region": ["region_id", "region_name"],
    "IncidentSatisfactionV2Do": ["satisfaction_id", "satisfaction_value"],
    "IncidentMessageV2": [
        "type",
        "replier",
        "content",
        "message_id",
        "replier_name",
        "create_time",
        "is_first_message",
        "accessory_list",
    ],
    "ShowCaseStatusResponse": ["status"],
    "ListCaseCountsResponse": ["incident_status_counts"],
    "IncidentStatusCount": ["status", "count"],
    "ListMessagesResponse": ["count", "message_list"],
    "QueryMessageInfoV2": [
        "type",
        "replier_type",
        "replier",
        "content",
        "create_time",
        "replier_name",
        "is_first_message",
        "accessory_list",
    ],
    "ListCaseOperateLogsResponse": ["total_count", "incident_operate_log_list"],
    "IncidentOperateLogV2": [
        "incident_log_id",
        "incident_id",
        "operate_type",
        "operator_type",
        "operator_id",
        "operator_name",
        "operate_time",
        "timestamp_operate_time",
    ],
    "ShowLatestPublishedAgreementResponse": ["case_agreement"],
    "ShowSignedLatestPublishedAgreementResponse": ["is_signed_latest"],
    "SignPublishedAgreementResponse": ["agreement_signed_record_id"],
    "ListCaseQuotasResponse": ["total", "un_used"],
    "ListOrderIncidentResponse": ["total_count", "incident_info_list"],
    "IncidentInfo": [
        "incident_id",
        "type",
        "business_type_name",
        "incident_type_name",
        "customer_id",
        "xcustomer_id",
        "xcustomer_name",
        "dc_name",
        "simple_describe",
        "status",
        "create_time",
        "gray",
        "label_list",
    ],
    "CaseQueryLabel": ["label_id", "name", "color"],
    "ListAuthorizationsResponse": ["count", "incident_auth_list"],
    "IncidentOrderAuthV2": [
        "id",
        "status",
        "incident_id",
        "simple_description",
        "auth_describe",
        "resource_type_id",
        "resource_type_name",
        "visit_type_id",
        "visit_type_name",
        "create_time",
        "customer_id",
        "x_customer_id",
        "xcustomer_name",
        "content_of_auth_letter",
    ],
    "ShowAuthorizationDetailResponse": [
        "id",
        "status",
        "incident_id",
        "simple_description",
        "resource_type_id",
        "resource_type_name",
        "visit_type_id",
        "visit_type_name",
        "incident_auth_detail_list",
        "xcustomer_name",
        "auth_handler_name",
        "auth_describe",
        "content_type_id",
        "content_type_name",
    ],
    "IncidentOrderAuthDetailInfoV2": ["id", "type"],
    "ShowLoginTypeResponse": ["login_type"],
    "ListHistorySessionsResponse": ["total_count", "session_list"],
    "OperateHistorySession": ["duration", "session_id", "start_time"],
    "ListHistoryOperateLogsResponse": ["total_count", "ops_list"],
    "OperateLog": ["oper", "operate_time"],
    "ListTransportHistoriesResponse": ["total_count", "file_ops_list"],
    "FileOperateLog": [
        "duration",
        "operate_time",
        "operate_type",
        "file_name",
        "from_path",
        "to_path",
        "file_size",
        "oper_result",
    ],
}

PLAIN = {"str": str, "int": int, "float": (int, float), "bool": bool}


def faults(value, declared, path):
    """Yields every way in which a JSON value differs from a declared SDK type."""
    if declared.startswith("list["):
        if not isinstance(value, list):
            yield f"{path}: {type(value).__name__} instead of a list"
            return
        for index, item in enumerate(value):
            yield from faults(item, declared[5:-1], f"{path}[{index}]")
    elif declared.startswith("dict("):
        if not isinstance(value, dict):
            yield f"{path}: {type(value).__name__} instead of an object"
    elif declared == "datetime":
        if not (isinstance(value, str) and TIME.fullmatch(value)):
            yield f"{path}: {value!r} is not a time"
    elif declared == "object":
        return
    elif declared in PLAIN:
        # bool is an int in Python and nowhere else.
        wrong_bool = isinstance(value, bool) and declared != "bool"
        if wrong_bool or not isinstance(value, PLAIN[declared]):
            yield f"{path}: {value!r} is not a {declared}"
    else:
        yield from model_faults(value, getattr(models, declared), path)


def model_faults(value, model, path=""):
    """Yields the faults of one object: wrong types, and mandatory fields that are missing or null."""
    path = path or model.__name__
    if not isinstance(value, dict):
        yield f"{path}: {type(value).__name__} instead of {model.__name__}"
        return
    mandatory = MANDATORY.get(model.__name__, [])
    for field, declared in model.openapi_types.items():
        name = model.attribute_map[field]
        if value.get(name) is None:
            if field in mandatory:
                yield f"{path}.{name}: missing"
        else:
            yield from faults(value[name], declared, f"{path}.{name}")


def check(response):
    """Fails when the answer that the SDK has just read is not what its model declares."""
    found = list(model_faults(json.loads(response.raw_content or b"{}"), type(response)))
    assert not found, "the answer differs from the SDK's model:\n  " + "\n  ".join(found)
