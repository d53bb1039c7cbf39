"""When a connection's stop was lifted."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("connections", sa.Column("lifted_at", sa.Double(), server_default="0", nullable=False))
