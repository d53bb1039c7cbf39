"""Where a ticket lives on, and what people call it."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("successor", sa.String(200), server_default="", nullable=False))
    op.add_column("tickets", sa.Column("number", sa.String(200), server_default="", nullable=False))
    op.create_index(
        "ix_tickets_number",
        "tickets",
        ["connection", "number"],
        postgresql_where=sa.text("number <> ''"),
        sqlite_where=sa.text("number <> ''"),
    )
