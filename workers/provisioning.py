"""Somebody becomes a user of a remote-access product: the one call that does it, and the look before a second one."""

from __future__ import annotations

from datetime import UTC, datetime

from bridge.accounts import Account, AccountAction, Standing, found_after_doubt, new_password
from bridge.effects import ProvisionUser
from connectors.contract import AccountProvider, Capability
from store.ledger import Claim
from workers.house import House


def provision(house: House, claim: Claim, action: ProvisionUser) -> Standing:
    """Invite or add the user. Raises a ConnectorError that says who must act.

    A password lives from here to the provider's answer and nowhere else.
    """
    provider = house.account_providers[claim.effect.connection]
    if action.action is AccountAction.INVITE:
        # Asking again is harmless: whoever was invited stays so.
        return provider.invite_user(action.request)
    if claim.look and Capability.LIST_USERS in provider.capabilities:
        found = _user(provider, action.request.email)
        if found is not None:
            return found_after_doubt(found, datetime.fromtimestamp(house.clock(), UTC).date())
    return provider.add_user(action.request, new_password())


def _user(provider: AccountProvider, email: str) -> Account | None:
    return next((one for one in provider.users() if one.email.lower() == email.lower()), None)
