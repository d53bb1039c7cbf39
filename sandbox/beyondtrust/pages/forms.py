"""What was filled in on a page."""

from __future__ import annotations

from collections.abc import Sequence

from flask import request

from sandbox.beyondtrust.state.model import Answers, Question


def text(name: str) -> str:
    """One field, with line breaks as everybody else writes them."""
    return request.form.get(name, "").replace("\r\n", "\n").strip()


def answers(questions: Sequence[Question]) -> Answers:
    """For each question what was ticked or typed; nothing for one that was left alone."""
    return tuple(
        tuple(filter(None, (one.strip() for one in request.form.getlist(f"answer{question.id}"))))
        for question in questions
    )
