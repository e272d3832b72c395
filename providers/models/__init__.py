from providers.models.accounts import ProviderAccount
from providers.models.jobs import JobAttempt, ProvisioningJob
from providers.models.targets import BeiyingSite, HrgCode, Provider, Target
from providers.models.transfers import ProviderTransfer

__all__ = [
    "BeiyingSite",
    "HrgCode",
    "JobAttempt",
    "Provider",
    "ProviderAccount",
    "ProviderTransfer",
    "ProvisioningJob",
    "Target",
]
