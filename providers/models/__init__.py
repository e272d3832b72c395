from providers.models.accounts import ProviderAccount
from providers.models.bulk import BulkRun, BulkRunItem
from providers.models.jobs import JobAttempt, ProvisioningJob
from providers.models.targets import BeiyingSite, HrgCode, Provider, Target
from providers.models.transfers import ProviderTransfer

__all__ = [
    "BeiyingSite",
    "BulkRun",
    "BulkRunItem",
    "HrgCode",
    "JobAttempt",
    "Provider",
    "ProviderAccount",
    "ProviderTransfer",
    "ProvisioningJob",
    "Target",
]
