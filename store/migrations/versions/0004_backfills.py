"""How far the bringing of past sessions got."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "backfills",
        sa.Column("connection", sa.String(40), primary_key=True),
        sa.Column("since", sa.Double, nullable=False),
        sa.Column("until", sa.Double, nullable=False),
        sa.Column("done_until", sa.Double, nullable=False),
        sa.Column("known_before", sa.Integer, server_default="0", nullable=False),
        sa.Column("listed", sa.Integer, server_default="0", nullable=False),
        sa.Column("brought", sa.Integer, server_default="0", nullable=False),
        sa.Column("surveys", sa.Integer, server_default="0", nullable=False),
        sa.Column("troubles", sa.Integer, server_default="0", nullable=False),
    )
