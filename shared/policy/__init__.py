"""Policy and authorities as data: read once, checked whole, never edited after its day.

What stands here knows no service: a service declares frozen structs in its own `policy` module and
asks `Policy.section(name, Struct)`. Every value is a `Sourced`, so that whoever reads a rule also
reads which document and section it comes from, and whether somebody has seen it there.
"""

from shared.policy.authority import Authority, Function, Unit
from shared.policy.book import Policy, PolicyBook, Sections
from shared.policy.calendar import add_working_days, is_working_day, red_days
from shared.policy.diff import Difference, differences
from shared.policy.law import LawBook, LawReference, load_law
from shared.policy.loader import Tenant, load_tenant, load_tenants, tenants_root
from shared.policy.municipality import Municipality, municipalities, municipality_register
from shared.policy.source import (
    DecidedIn,
    Document,
    PolicyInvalid,
    PolicyStruct,
    Sourced,
    SourcedRow,
)

__all__ = [
    "Authority",
    "DecidedIn",
    "Difference",
    "Document",
    "Function",
    "LawBook",
    "LawReference",
    "Municipality",
    "Policy",
    "PolicyBook",
    "PolicyInvalid",
    "PolicyStruct",
    "Sections",
    "Sourced",
    "SourcedRow",
    "Tenant",
    "Unit",
    "add_working_days",
    "differences",
    "is_working_day",
    "load_law",
    "load_tenant",
    "load_tenants",
    "municipalities",
    "municipality_register",
    "red_days",
    "tenants_root",
]
