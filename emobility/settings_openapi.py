"""How REST is described at `/docs`, `/redoc` and `/openapi.json` (settings of drf-spectacular)."""

OPENAPI = {
    "TITLE": "E-Mobility Platform",
    "ENUM_NAME_OVERRIDES": {
        "JobStateEnum": "central.models.job.JobState",
        "DirectionEnum": "central.models.message.Direction",
        "ParkingDirectionEnum": "registry.models.parking_place.Direction",
        "BudgetPeriodEnum": "central.models.id_token.BudgetPeriod",
        "RoleEnum": "registry.models.user.Role",
        "PersonRoleEnum": "registry.models.user.PEOPLE_ROLES",
        "KeyKindEnum": "registry.models.service_account.KeyKind",
        "ReviewDecisionEnum": "billing.models.review.Decision",
        "ServiceStatusEnum": ["operational", "degraded"],
    },
    "DESCRIPTION": "Charge points, sessions, commands, tariffs and CDRs of your organisation.",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "PREPROCESSING_HOOKS": ["emobility.api_docs.without_other_protocols"],
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "emobility.api_examples.with_examples",
    ],
    "COMPONENT_SPLIT_REQUEST": True,
}
