"""What running sessions were told, and until when each platform was asked."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("tickets", sa.Column("followers", sa.Text(), server_default="[]", nullable=False))
    op.add_column("invitations", sa.Column("attributes", sa.Text(), server_default="{}", nullable=False))
    op.add_column("connections", sa.Column("polled_at", sa.Double(), nullable=True))
