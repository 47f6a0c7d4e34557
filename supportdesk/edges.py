"""All doors of the desk: every HTTP route, every socket event and every job there is."""

from supportdesk.accounts import http as account_http
from supportdesk.accounts import pages as account_pages
from supportdesk.accounts import people_pages
from supportdesk.admin import (
    document_page,
    entry_pages,
    knowledge_pages,
    ledger_pages,
    metrics_pages,
    model_pages,
    provider_models_page,
    robot_pages,
    room_robot_page,
    site_pages,
    threshold_page,
    tool_definition_pages,
    tool_pages,
    try_pages,
    unanswered_pages,
)
from supportdesk.admin import http as admin_http
from supportdesk.audit import http as audit_http
from supportdesk.core import health
from supportdesk.dashboard import http as dashboard_http
from supportdesk.dashboard import pages as dashboard_pages
from supportdesk.demo import http as demo_http
from supportdesk.descriptions import http as description_http
from supportdesk.escalations import http as escalation_http
from supportdesk.escalations import jobs as escalation_jobs
from supportdesk.escalations import sockets as escalation_sockets
from supportdesk.guests import http as guest_http
from supportdesk.guests import sockets as guest_sockets
from supportdesk.knowledge import http as knowledge_http
from supportdesk.knowledge import jobs as knowledge_jobs
from supportdesk.llm import http as llm_http
from supportdesk.llm import jobs as llm_jobs
from supportdesk.messages import http as message_http
from supportdesk.messages import sockets as message_sockets
from supportdesk.retention import jobs as retention_jobs
from supportdesk.robots import http as robot_http
from supportdesk.robots import jobs as robot_jobs
from supportdesk.robots import sockets as robot_sockets
from supportdesk.rooms import sockets as room_sockets
from supportdesk.tools import adding_http as tool_adding_http
from supportdesk.tools import http as tool_http
from supportdesk.tools import jobs as tool_jobs
from supportdesk.tools import sockets as tool_sockets
from supportdesk.widget import http as widget_http
from supportdesk.widget import sockets as widget_sockets
from supportdesk.workspaces import http as workspace_http

HTTP = [
    health.routes,
    audit_http.routes,
    workspace_http.routes,
    account_http.routes,
    account_pages.routes,
    people_pages.routes,
    guest_http.routes,
    knowledge_http.routes,
    message_http.routes,
    escalation_http.routes,
    llm_http.routes,
    tool_http.routes,
    tool_adding_http.routes,
    robot_http.routes,
    dashboard_http.routes,
    dashboard_pages.routes,
    admin_http.routes,
    robot_pages.routes,
    room_robot_page.routes,
    site_pages.routes,
    tool_pages.routes,
    tool_definition_pages.routes,
    ledger_pages.routes,
    metrics_pages.routes,
    model_pages.routes,
    provider_models_page.routes,
    knowledge_pages.routes,
    document_page.routes,
    entry_pages.routes,
    unanswered_pages.routes,
    try_pages.routes,
    threshold_page.routes,
    widget_http.routes,
    demo_http.routes,
    description_http.routes,
]
SOCKETS = [
    guest_sockets.routes,
    widget_sockets.routes,
    room_sockets.routes,
    message_sockets.routes,
    escalation_sockets.routes,
    tool_sockets.routes,
    robot_sockets.routes,
]
JOBS = [
    escalation_jobs.jobs,
    knowledge_jobs.jobs,
    llm_jobs.jobs,
    retention_jobs.jobs,
    tool_jobs.jobs,
    robot_jobs.jobs,
]
