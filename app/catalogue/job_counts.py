"""Counts jobs; knows nothing of what they do."""

from sqlalchemy import func, select

from app.catalogue.request_tables import jobs
from app.catalogue.transactions import Transactions


def jobs_by_state(transactions: Transactions) -> dict[str, int]:
    """How many jobs there are in each state; states without a job are left out."""
    with transactions.reading() as connection:
        counted = connection.execute(select(jobs.c.state, func.count().label("jobs")).group_by(jobs.c.state))
        return {row.state: row.jobs for row in counted}
