"""What `append` promises: all or nothing, nobody overtaken unseen, no request twice, every text kept to the letter."""

# ruff: noqa: S101 -- these are tests

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest

from mppkit.errors import ConflictError, InvalidValueError
from mppkit.storage.port import NO_DIGEST, Append, EventStore, NewEvent, at_text, chain
from mppkit.testing.batches import AT, BACK, FRONT, batch, everything, head, state

TEXTS = {
    "unicode": json.dumps({"nama": "kafé · 市役所 · ᬩᬤᬸᬂ · \U0001f3db\ufe0f"}, ensure_ascii=False),
    "combining": '["e\u0301","\u00e9"]',
    "line breaks and separators": '["\\n",\n"\u2028"]\r\n',
    "empty": "",
    "empty object": "{}",
    "spaces, key order and repeated keys": '{"b" : 1.0,  "a":1e2, "b":10000000000000000000001}',
    "large": json.dumps({"text": "loket " * 250_000}),
    "deep": "[" * 20_000 + "]" * 20_000,
}


class AppendPromises:
    """The promises of `append`."""

    def test_what_append_returns_is_what_is_read(self, store: EventStore) -> None:
        """`append` returns the rows as `read` and `read_all` give them from then on."""
        recorded = store.append(batch(FRONT, 0, '{"n":1}', '{"n":2}', actor="sri", request_id="r-1"))
        assert tuple(store.read(FRONT)) == recorded
        assert everything(store) == recorded
        assert [(row.stream, row.version, row.data) for row in recorded] == [
            (FRONT, 1, '{"n":1}'),
            (FRONT, 2, '{"n":2}'),
        ]
        for row in recorded:
            assert (row.name, row.event_version, row.at) == ("bell.rang", 1, AT)
            assert (row.actor, row.request_id) == ("sri", "r-1")

    def test_an_append_of_no_batches_records_nothing(self, store: EventStore) -> None:
        """`append` without batches returns nothing and changes nothing."""
        store.append(batch(FRONT))
        before = state(store)
        assert tuple(store.append()) == ()
        assert state(store) == before

    @pytest.mark.parametrize("expected", [0, 1, 3, 2**31 - 1])
    def test_a_version_that_is_not_the_streams_is_refused(self, store: EventStore, expected: int) -> None:
        """A batch whose expected version is too low or too high is a conflict that names both, and writes nothing."""
        store.append(batch(FRONT, 0, "1", "2"))
        before = state(store)
        with pytest.raises(ConflictError) as refused:
            store.append(batch(FRONT, expected))
        assert (refused.value.stream, refused.value.expected, refused.value.actual) == (FRONT, expected, 2)
        assert state(store) == before

    def test_a_new_stream_is_at_version_0(self, store: EventStore) -> None:
        """A stream without events is at version 0, so a batch that expects more is a conflict and begins no stream."""
        with pytest.raises(ConflictError) as refused:
            store.append(batch(FRONT, 1))
        assert (refused.value.expected, refused.value.actual) == (1, 0)
        assert state(store) == ((), ())

    @pytest.mark.parametrize("stale_at", [0, 1, 2])
    def test_batches_commit_together_or_not_at_all(self, store: EventStore, stale_at: int) -> None:
        """When one batch of a commit is stale, nothing of the others is written either, wherever it stands."""
        store.append(batch(FRONT, labels={"status": "open"}))
        before = state(store)
        good = [batch(BACK, 0, "1", "2", labels={"status": "open"}), batch("badung/bell/side", 0)]
        with pytest.raises(ConflictError) as refused:
            store.append(*good[:stale_at], batch(FRONT, 7, labels={"status": "shut"}), *good[stale_at:])
        assert (refused.value.stream, refused.value.actual) == (FRONT, 1)
        assert state(store) == before
        store.append(*good)  # and they are still free to come

    def test_the_batches_of_a_commit_stand_in_the_order_given(self, store: EventStore) -> None:
        """One commit records its batches one behind the other, in the order they were given."""
        recorded = store.append(batch(BACK, 0, "1", "2"), batch(FRONT, 0, "3"), batch("badung/bell/attic", 0, "4"))
        assert [(row.stream, row.version, row.data) for row in recorded] == [
            (BACK, 1, "1"),
            (BACK, 2, "2"),
            (FRONT, 1, "3"),
            ("badung/bell/attic", 1, "4"),
        ]
        assert everything(store) == recorded

    def test_one_stream_twice_in_a_commit_is_refused(self, store: EventStore) -> None:
        """Two batches for one stream cannot be one commit."""
        with pytest.raises(InvalidValueError):
            store.append(batch(FRONT, 0), batch(BACK, 0), batch(FRONT, 1))
        assert state(store) == ((), ())

    def test_the_text_of_half_a_character_is_refused_and_takes_the_commit_with_it(self, store: EventStore) -> None:
        """Data with a lone surrogate cannot be kept; nothing of its commit is written, and the store goes on."""
        with pytest.raises(InvalidValueError):
            store.append(batch(FRONT, 0, "1"), batch(BACK, 0, "2", '"\ud83c"'))
        assert state(store) == ((), ())
        store.append(batch(FRONT, 0), batch(BACK, 0))

    # --- requests -------------------------------------------------------------------------------------------------

    def test_a_repeated_request_returns_what_was_recorded_then(self, store: EventStore) -> None:
        """A request_id used before on the stream records nothing: the rows of then come back, all of them."""
        then = store.append(batch(FRONT, 0, "1", "2", request_id="r-1"))
        store.append(batch(FRONT, 2, "3"))
        store.append(batch(BACK))
        before = state(store)
        assert tuple(store.append(batch(FRONT, 0, "1", "2", request_id="r-1"))) == then
        assert tuple(store.append(batch(FRONT, 3, "1", "2", request_id="r-1"))) == then
        assert state(store) == before

    def test_a_repeated_request_counts_whatever_it_holds_now(self, store: EventStore) -> None:
        """With another content, actor, instant or version a used request_id still returns what was recorded then."""
        then = store.append(batch(FRONT, 0, "1", request_id="r-1", actor="sri", labels={"status": "open"}, summary="1"))
        before = state(store)
        again = batch(
            FRONT,
            5,
            "8",
            "9",
            request_id="r-1",
            actor="made",
            labels={"status": "shut"},
            summary="9",
            at=AT + timedelta(hours=1),
        )
        assert tuple(store.append(again)) == then
        assert state(store) == before  # the head too: its labels and summary are those of then

    def test_a_request_id_belongs_to_its_stream(self, store: EventStore) -> None:
        """The same request_id on another stream is another request."""
        store.append(batch(FRONT, 0, "1", request_id="r-1"))
        [row] = store.append(batch(BACK, 0, "2", request_id="r-1"))
        assert (row.stream, row.data) == (BACK, "2")

    def test_a_request_id_is_compared_to_the_letter(self, store: EventStore) -> None:
        """Request_ids that differ in case, accents or spaces are different requests."""
        ids = ["r", "R", "r ", " r", "\u00e9", "e\u0301", "\U0001f3db", "1", "01"]
        for version, request_id in enumerate(ids):
            store.append(batch(FRONT, version, request_id=request_id))
        assert [row.request_id for row in store.read(FRONT)] == ids

    def test_a_repeated_commit_of_several_batches_returns_all_its_rows(self, store: EventStore) -> None:
        """Where every batch's request_id was used on its stream, all rows of then come back, in the order asked for."""
        back, front = batch(BACK, 0, "1", "2", request_id="r-1"), batch(FRONT, 0, "3", request_id="r-2")
        then = store.append(back, front)
        store.append(batch(FRONT, 1))
        before = state(store)
        assert tuple(store.append(back, front)) == then
        assert tuple(store.append(front, back)) == (then[2], then[0], then[1])
        assert tuple(store.append(front)) == (then[2],)
        assert state(store) == before

    @pytest.mark.parametrize("new_first", [True, False])
    def test_a_half_repeated_commit_is_a_conflict(self, store: EventStore, new_first: bool) -> None:
        """Where only some of a commit's request_ids were used before, it is a conflict and nothing is written."""
        store.append(batch(FRONT, 0, request_id="r-1"))
        before = state(store)
        used, new = batch(FRONT, 1, request_id="r-1"), batch(BACK, 0, request_id="r-1")
        with pytest.raises(ConflictError):
            store.append(*((new, used) if new_first else (used, new)))
        assert state(store) == before

    def test_request_ids_are_for_all_batches_of_a_commit_or_for_none(self, store: EventStore) -> None:
        """A commit of which only some batches carry a request_id is refused."""
        with pytest.raises(InvalidValueError):
            store.append(batch(FRONT, 0, request_id="r-1"), batch(BACK, 0))
        assert state(store) == ((), ())

    def test_a_refused_request_can_be_made_again(self, store: EventStore) -> None:
        """A commit that was refused used up none of its request_ids."""
        store.append(batch(FRONT))
        with pytest.raises(ConflictError):
            store.append(batch(BACK, 0, request_id="r-1"), batch(FRONT, 0, request_id="r-1"))
        recorded = store.append(batch(BACK, 0, request_id="r-1"), batch(FRONT, 1, request_id="r-1"))
        assert [(row.stream, row.version) for row in recorded] == [(BACK, 1), (FRONT, 2)]

    # --- what is kept -----------------------------------------------------------------------------------------------

    def test_every_row_carries_its_predecessors_digest(self, store: EventStore) -> None:
        """Each stream's digests can be computed again with `port.chain`, from `NO_DIGEST` on."""
        store.append(batch(FRONT, 0, "1", "2", actor="sri", request_id="r-1"), batch(BACK, 0, "3", request_id="r-1"))
        store.append(batch(FRONT, 2, '"\U0001f3db"', at=AT + timedelta(microseconds=1)))
        for stream in (FRONT, BACK):
            digest = NO_DIGEST
            for row in store.read(stream):
                event = NewEvent(name=row.name, version=row.event_version, data=row.data)
                digest = chain(digest, stream, row.version, event, at_text(row.at), row.actor, row.request_id)
                assert row.digest == digest
            assert head(store, stream).digest == digest

    @pytest.mark.parametrize("kind", TEXTS)
    def test_a_text_is_kept_to_the_letter(self, store: EventStore, kind: str) -> None:
        """Data and summary come back as they were given: unicode, empty, large, deep, spaces and key order."""
        text = TEXTS[kind]
        store.append(batch(FRONT, 0, text, "{}", summary=text))
        rows = store.read(FRONT)
        assert rows[0].data == text
        assert rows[1].data == "{}"
        assert head(store, FRONT).summary == text

    def test_names_are_kept_to_the_letter(self, store: EventStore) -> None:
        """Streams whose keys differ in case or signs are different; actor and request_id keep every character."""
        streams = [f"badung/bell/{key}" for key in ("A-1", "a-1", "a_1", "a.1", "a1", "1", "x" * 128)]
        for stream in streams:
            store.append(batch(stream, 0, json.dumps(stream), actor="petugas-\u00e9-\U0001f3db ", request_id="\u0301"))
        for stream in streams:
            [row] = store.read(stream)
            assert (row.stream, row.data) == (stream, json.dumps(stream))
            assert (row.actor, row.request_id) == ("petugas-\u00e9-\U0001f3db ", "\u0301")

    def test_the_name_and_version_of_an_event_are_kept(self, store: EventStore) -> None:
        """The events of one batch keep each its own name and the version of its shape."""
        events = (NewEvent(name="a", version=1, data="1"), NewEvent(name="b.c_d-e", version=2**31 - 1, data="2"))
        store.append(Append(stream=FRONT, expected_version=0, events=events, at=AT))
        assert [(row.name, row.event_version, row.data) for row in store.read(FRONT)] == [
            ("a", 1, "1"),
            ("b.c_d-e", 2**31 - 1, "2"),
        ]

    def test_no_actor_and_no_request_stay_none(self, store: EventStore) -> None:
        """An event without actor and request_id says None, and two of them are no repeated request."""
        store.append(batch(FRONT, 0))
        store.append(batch(FRONT, 1))
        assert [(row.actor, row.request_id) for row in store.read(FRONT)] == [(None, None)] * 2

    @pytest.mark.parametrize(
        "at",
        [
            AT,
            datetime(2026, 11, 24, 9, 0, 0, 1, tzinfo=timezone(timedelta(hours=8))),
            datetime(2026, 11, 24, 9, 0, tzinfo=timezone(timedelta(hours=9, minutes=30))),
            datetime(2, 1, 1, tzinfo=UTC),
            datetime(9998, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        ],
        ids=str,
    )
    def test_an_instant_is_kept_exactly(self, store: EventStore, at: datetime) -> None:
        """An instant comes back to the microsecond, aware and in UTC, on the event and on the head."""
        [recorded] = store.append(batch(FRONT, at=at))
        for kept in (recorded.at, store.read(FRONT)[0].at, everything(store)[0].at, head(store, FRONT).updated_at):
            assert kept == at
            assert kept.utcoffset() == timedelta(0)

    def test_the_order_is_the_commits_and_not_the_clocks(self, store: EventStore) -> None:
        """An event may carry an earlier instant than the one before it; the order stays that of the commits."""
        for version in range(3):
            store.append(batch(FRONT, version, at=AT - timedelta(hours=version)))
        assert [row.version for row in everything(store)] == [1, 2, 3]
        assert head(store, FRONT).updated_at == AT - timedelta(hours=2)

    def test_what_the_caller_changes_afterwards_stays_out(self, store: EventStore) -> None:
        """A labels dict that its owner goes on using changes nothing in the store."""
        labels: dict[str, str | int | float | None] = {"status": "open"}
        appended = batch(FRONT, labels=labels)
        labels["status"] = "shut"
        store.append(appended)
        labels["extra"] = 1
        assert dict(head(store, FRONT).labels) == {"status": "open"}
