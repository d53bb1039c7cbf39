"""Commands about the appliance: who is logged in and connected, teams, health, failover, Jump shortcuts."""

from __future__ import annotations

from collections.abc import Iterable

from connectors.platforms.beyondtrust.commands import answers, clients, inputs
from connectors.platforms.beyondtrust.commands.clients import ConnectedClient, ConnectedClientList
from connectors.platforms.beyondtrust.commands.inputs import WrongInput
from connectors.platforms.beyondtrust.commands.jump import JumpShortcut
from connectors.platforms.beyondtrust.commands.orders import Id, Orders, boolean, checked, number_of
from connectors.platforms.beyondtrust.commands.values import ApiInfo, Appliance, Health, LoggedInRep, SupportTeam

CLIENT_TYPES = ("all", "representative", "support_customer", "presentation_attendee", "push_agent")
MAX_CLIENT_IDS = 100
PRIMARY, BACKUP = "primary", "backup"


class ApplianceCommands(Orders):
    """What does not fit is Rejected before anything is sent."""

    def get_logged_in_reps(self, *, fresh: bool = False) -> tuple[LoggedInRep, ...]:
        """The representatives who are logged in, at most a minute old unless `fresh` is asked for.

        (Guide, API Command: get_logged_in_reps.)
        """
        return self._kept("logged_in_reps", "get_logged_in_reps", {}, answers.logged_in_reps, fresh=fresh)

    def set_rep_status(self, rep_id: Id, code_name: str) -> str:
        """Set a logged-in representative's status by its code name. (Guide, API Command: set_rep_status.)"""
        with checked():
            params = {"rep_id": number_of("rep_id", rep_id), "code_name": inputs.code_name("code_name", code_name)}
        return self._order("set_rep_status", params)

    def get_support_teams(self, *, show_members: bool = False, fresh: bool = False) -> tuple[SupportTeam, ...]:
        """The teams and their issues, at most a minute old unless `fresh` is asked for.

        Members can be many: the guide asks to be sparing with them. (Guide, API Command: get_support_teams.)
        """
        params = {"showmembers": "1"} if show_members else {}
        name = "support_teams:members" if show_members else "support_teams"
        return self._kept(name, "get_support_teams", params, answers.support_teams, fresh=fresh)

    def get_appliances(self) -> tuple[Appliance, ...]:
        """The appliances of a failover pair or a cluster. (Guide, API Command: get_appliances.)"""
        return answers.appliances(self._ask("get_appliances"))

    def get_connected_client_list(
        self, types: Iterable[str] = (), *, summary_only: bool = False
    ) -> ConnectedClientList:
        """Who is connected, by type and id, with the counts. types: of CLIENT_TYPES, none for all.

        (Guide, API Command: get_connected_client_list.)
        """
        with checked():
            params = _types(types)
        if summary_only:
            params["summary_only"] = "1"
        return clients.connected_client_list(self._ask("get_connected_client_list", params))

    def get_connected_clients(
        self, types: Iterable[str] = (), *, ids: Iterable[str] = (), include_connections: bool = False
    ) -> tuple[ConnectedClient, ...]:
        """What is known of connected clients. types: of CLIENT_TYPES, none for all; ids: at most 100, none for all.

        include_connections: with each one's connections to appliances and their last events.
        (Guide, API Command: get_connected_clients.)
        """
        with checked():
            params = {**_types(types), **_client_ids(ids)}
        if include_connections:
            params["include_connections"] = "1"
        return clients.connected_clients(self._ask("get_connected_clients", params))

    def check_health(self) -> Health:
        """Whether the appliance is well, and its failover. `Api.health_page` needs no sign-in and says less.

        (Guide, API Command: check_health.)
        """
        return answers.health(self._ask("check_health"))

    def set_failover_role(self, role: str, *, data_sync_first: bool | None = None, force: bool = False) -> str:
        """Make the appliance `primary` or `backup`.

        data_sync_first: synchronise before; that disconnects every user of the primary until it is done.
        force: become the backup also when the other one cannot be reached; only with the role backup.
        (Guide, API Command: set_failover_role.)
        """
        with checked():
            params = {"role": inputs.choice("role", role, (PRIMARY, BACKUP))}
            if force and role != BACKUP:
                raise WrongInput("force", "goes with the role backup only")
        if data_sync_first is not None:
            params["data_sync_first"] = boolean(data_sync_first)
        if force:
            params["force"] = "1"
        return self._order("set_failover_role", params)

    def import_jump_shortcut(self, shortcut: JumpShortcut) -> str:
        """Make a Jump shortcut of one of the eight kinds. (Guide, API Command: import_jump_shortcut.)

        The guide's list of actions calls it import_jump_shortcuts, its own chapter and every example do not.
        """
        with checked():
            params = shortcut.params()
        return self._order("import_jump_shortcut", params)

    def get_api_info(self) -> ApiInfo:
        """The API's version and our account's permissions. (Guide, API Command: get_api_info.)"""
        return answers.api_info(self._ask("get_api_info"))


def _types(types: Iterable[str]) -> dict[str, str]:
    asked = [inputs.choice("type", one, CLIENT_TYPES) for one in types]
    return {"type": ",".join(asked)} if asked else {}


def _client_ids(ids: Iterable[str]) -> dict[str, str]:
    asked = list(ids)
    if len(asked) > MAX_CLIENT_IDS:
        raise WrongInput("id", f"has {len(asked)} ids; at most {MAX_CLIENT_IDS} are taken")
    return {"id": ",".join(inputs.code_name("id", one) for one in asked)} if asked else {}
