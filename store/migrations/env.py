"""Run by Alembic; the connection comes from `store.migrate`."""

from alembic import context

from store.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    # The transaction is the caller's.
    transactional_ddl=False,
)
context.run_migrations()
