"""What provisioning files say about providers, beside what the wallet reads from them."""

from dataclasses import dataclass
from typing import Any, Final

from providers.models import BeiyingSite
from wallet.models import Channel
from wallet.provisioning import UNSET, Agents, Channels, Item, Players, Section, Staff, update

FIELDS: Final = {name: name for name in ("api_url", "site_id", "secret_key")}


@dataclass
class _Site:
    item: Item
    channel_id: int
    values: dict[str, Any]


class BeiyingSites(Section):
    name = "beiying"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self._rows: list[_Site] = []

    def read(self, item: Item) -> None:
        channel_id = item.value("channel_id", Channel, "id", required=True)
        values = item.values(BeiyingSite, FIELDS)
        if channel_id is not UNSET:
            self.run.once(item.place, "beiying", channel_id)
            self._rows.append(_Site(item, channel_id, values))

    def check(self) -> None:
        existing = set(BeiyingSite.objects.values_list("channel_id", flat=True))
        for row in self._rows:
            if row.channel_id not in self.run.currencies:
                row.item.problem(f"there is no channel {row.channel_id}", at="channel_id")
            for name in FIELDS:
                if row.channel_id not in existing and name not in row.item:
                    row.item.problem("is required: the channel has no site yet", at=name)

    def apply(self) -> None:
        existing = {site.channel_id: site for site in BeiyingSite.objects.all()}
        for row in self._rows:
            site = existing.get(row.channel_id)
            created = site is None
            if site is None:
                BeiyingSite.objects.create(channel_id=row.channel_id, **row.values)
            changed = bool(site and update(site, row.values))
            self.run.report.count(self.name, created=created, changed=changed)


# In the order of applying: registering a player asks for its accounts at once.
SECTIONS: Final[tuple[type[Section], ...]] = (Channels, Agents, BeiyingSites, Players, Staff)
