"""The tables. Times are seconds since the epoch (UTC) as doubles; values of the domain are JSON text.

What is still to be done is found by partial indexes, so that a million finished rows cost nothing.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite only gives rowids to INTEGER columns; everywhere else ids are 64 bits wide.
Id = BigInteger().with_variant(Integer, "sqlite")

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("connection", String(40), nullable=False),
    Column("key", String(200), nullable=False),
    Column("correlation", String(32), nullable=False),
    Column("received_at", Double, nullable=False),
    Column("method", String(10), nullable=False),
    Column("url", Text, nullable=False),
    Column("headers", Text, nullable=False),
    Column("query", Text, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("replays", Integer, nullable=False, server_default="0"),
    Column("doubles", Integer, nullable=False, server_default="0"),
    Column("due_at", Double, nullable=False),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("done_at", Double),
    UniqueConstraint("connection", "key"),
    sqlite_autoincrement=True,
)
Index(
    "ix_deliveries_waiting",
    deliveries.c.due_at,
    postgresql_where=text("state = 'new'"),
    sqlite_where=text("state = 'new'"),
)
Index("ix_deliveries_state", deliveries.c.state, deliveries.c.id)
Index("ix_deliveries_connection", deliveries.c.connection, deliveries.c.id)
Index("ix_deliveries_correlation", deliveries.c.correlation)

events = Table(
    "events",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("connection", String(40), nullable=False),
    Column("kind", String(40), nullable=False),
    Column("name", String(200), nullable=False),
    Column("subject", String(200), nullable=False),
    Column("at", Double, nullable=False),
    sqlite_autoincrement=True,
)
Index("ix_events_subject", events.c.connection, events.c.subject)

tickets = Table(
    "tickets",
    metadata,
    Column("connection", String(40), primary_key=True),
    Column("ticket_id", String(200), primary_key=True),
    Column("snapshot", Text),
    Column("asking", Text, nullable=False, server_default="[]"),
    Column("followers", Text, nullable=False, server_default="[]"),
    Column("seen_at", Double, nullable=False),
    Column("successor", String(200), nullable=False, server_default=""),
    Column("number", String(200), nullable=False, server_default=""),
)
Index("ix_tickets_seen", tickets.c.seen_at)
Index(
    "ix_tickets_number",
    tickets.c.connection,
    tickets.c.number,
    postgresql_where=text("number <> ''"),
    sqlite_where=text("number <> ''"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("connection", String(40), nullable=False),
    Column("ticket_id", String(200), nullable=False),
    Column("number", Integer, nullable=False),
    Column("route", String(200), nullable=False),
    Column("platform", String(40), nullable=False),
    Column("state", String(12), nullable=False),
    Column("code", Text, nullable=False, server_default=""),
    Column("url", Text, nullable=False, server_default=""),
    Column("session_id", String(200), nullable=False, server_default=""),
    Column("attributes", Text, nullable=False, server_default="{}"),
    Column("created_at", Double, nullable=False),
    Column("expires_at", Double),
    UniqueConstraint("connection", "ticket_id", "number"),
    sqlite_autoincrement=True,
)
Index(
    "ix_invitations_open",
    invitations.c.expires_at,
    postgresql_where=text("state = 'issued'"),
    sqlite_where=text("state = 'issued'"),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("platform", String(40), nullable=False),
    Column("session_id", String(200), nullable=False),
    Column("data", Text, nullable=False),
    Column("shown", Text, nullable=False, server_default="[]"),
    Column("carded", Boolean, nullable=False, server_default=text("false")),
    Column("ended", Boolean, nullable=False, server_default=text("false")),
    Column("link_connection", String(40)),
    Column("link_ticket", String(200)),
    Column("link_how", String(40), nullable=False, server_default=""),
    Column("route", String(200), nullable=False, server_default=""),
    Column("first_seen_at", Double, nullable=False),
    Column("changed_at", Double, nullable=False),
    UniqueConstraint("platform", "session_id"),
    sqlite_autoincrement=True,
)
Index("ix_sessions_platform", sessions.c.platform, sessions.c.id)
Index("ix_sessions_link", sessions.c.link_connection, sessions.c.link_ticket)
Index(
    "ix_sessions_orphans",
    sessions.c.id,
    postgresql_where=text("link_ticket IS NULL"),
    sqlite_where=text("link_ticket IS NULL"),
)

Index(
    "ix_sessions_unfinished",
    sessions.c.changed_at,
    postgresql_where=text("NOT ended AND NOT carded"),
    sqlite_where=text("ended = 0 AND carded = 0"),
)

effects = Table(
    "effects",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("key", String(300), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("connection", String(40), nullable=False),
    Column("ticket_connection", String(40), nullable=False),
    Column("ticket_id", String(200), nullable=False),
    Column("route", String(200), nullable=False, server_default=""),
    Column("rank", Id, nullable=False),
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="SET NULL"), index=True),
    Column("correlation", String(32), nullable=False),
    Column("payload", Text, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("act", String(20), nullable=False, server_default=""),
    Column("result", Text, nullable=False, server_default=""),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("due_at", Double, nullable=False),
    Column("give_up_at", Double, nullable=False),
    Column("fence", Integer, nullable=False, server_default="0"),
    Column("created_at", Double, nullable=False),
    Column("done_at", Double),
    sqlite_autoincrement=True,
)
_OPEN = text("state IN ('pending', 'sending')")
Index("ix_effects_due", effects.c.due_at, postgresql_where=_OPEN, sqlite_where=_OPEN)
Index(
    "ix_effects_lane",
    effects.c.ticket_connection,
    effects.c.ticket_id,
    effects.c.rank,
    effects.c.id,
    postgresql_where=_OPEN,
    sqlite_where=_OPEN,
)
Index("ix_effects_ticket", effects.c.ticket_connection, effects.c.ticket_id, effects.c.id)
Index("ix_effects_state", effects.c.state, effects.c.id)

journal = Table(
    "journal",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("what", Text, nullable=False),
    Column("delivery_id", Id, index=True),
    Column("effect_id", Id, index=True),
    Column("ticket_connection", String(40)),
    Column("ticket_id", String(200)),
    Column("platform", String(40)),
    Column("session_id", String(200)),
    sqlite_autoincrement=True,
)
Index("ix_journal_ticket", journal.c.ticket_connection, journal.c.ticket_id)
Index("ix_journal_session", journal.c.platform, journal.c.session_id)

connections = Table(
    "connections",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False, server_default=""),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("until", Double, nullable=False, server_default="0"),
    Column("fingerprint", String(64), nullable=False, server_default=""),
    Column("lifted_at", Double, nullable=False, server_default="0"),
    Column("last_ok_at", Double),
    Column("known_since", Double, nullable=False),
    Column("polled_at", Double),
)

throttle = Table(
    "throttle",
    metadata,
    Column("connection", String(40), primary_key=True),
    Column("bucket", String(40), primary_key=True),
    Column("free_at", Double, nullable=False),
)

vault = Table(
    "vault",
    metadata,
    Column("connection", String(40), primary_key=True),
    Column("name", String(80), primary_key=True),
    Column("value", Text, nullable=False),
    Column("expires_at", Double),
    Column("locked_until", Double, nullable=False, server_default="0"),
)

people = Table(
    "people",
    metadata,
    Column("connection", String(40), primary_key=True),
    Column("id", String(200), primary_key=True),
    Column("name", Text, nullable=False, server_default=""),
    Column("email", Text, nullable=False, server_default=""),
    Column("username", Text, nullable=False, server_default=""),
    Column("sso_id", Text, nullable=False, server_default=""),
    Column("active", Boolean, nullable=False),
    Column("seen_at", Double, nullable=False),
)

directories = Table(
    "directories",
    metadata,
    Column("connection", String(40), primary_key=True),
    Column("listed_at", Double),
    Column("tried_at", Double, nullable=False),
    Column("trouble", Text, nullable=False, server_default=""),
)

heartbeats = Table(
    "heartbeats",
    metadata,
    Column("holder", String(120), primary_key=True),
    Column("role", String(12), nullable=False),
    Column("at", Double, nullable=False),
)

backfills = Table(
    "backfills",
    metadata,
    Column("connection", String(40), primary_key=True),
    Column("since", Double, nullable=False),
    Column("until", Double, nullable=False),
    Column("done_until", Double, nullable=False),
    Column("known_before", Integer, nullable=False, server_default="0"),
    Column("listed", Integer, nullable=False, server_default="0"),
    Column("brought", Integer, nullable=False, server_default="0"),
    Column("surveys", Integer, nullable=False, server_default="0"),
    Column("troubles", Integer, nullable=False, server_default="0"),
)
