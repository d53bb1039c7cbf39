"""Who works in the connected systems, and when each was asked for it."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "people",
        sa.Column("connection", sa.String(40), primary_key=True),
        sa.Column("id", sa.String(200), primary_key=True),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.Text(), server_default="", nullable=False),
        sa.Column("username", sa.Text(), server_default="", nullable=False),
        sa.Column("sso_id", sa.Text(), server_default="", nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
    )
    op.create_table(
        "directories",
        sa.Column("connection", sa.String(40), primary_key=True),
        sa.Column("listed_at", sa.Double()),
        sa.Column("tried_at", sa.Double(), nullable=False),
        sa.Column("trouble", sa.Text(), server_default="", nullable=False),
    )
