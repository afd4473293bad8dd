"""One visitor at the sample mall, from the ticket to the end, with the reason for the call."""

from mppkit import Mall, VirtualClock

clock = VirtualClock("2026-11-24T09:00:00+08:00")  # leave it out and the computer's own clock counts

with Mall.open("contoh", "memory:", clock=clock) as mall:  # "sqlite:///hall.db" keeps it
    service = mall.directory.services[0]
    counter = mall.directory.counters_of(service.id)[0]

    ticket = mall.queue.issue(service.id, priority="lansia", request_id="kiosk-1-click-1")
    again = mall.queue.issue(service.id, priority="lansia", request_id="kiosk-1-click-1")  # the click came twice
    assert again.number == ticket.number
    print(f"ticket {ticket.number} for {service.name}")

    mall.queue.open_counter(counter.id, officer="sri")
    print(mall.queue.position(ticket.number).indonesian)

    clock.advance(minutes=4)
    call = mall.queue.call_next(counter.id)
    assert call is not None
    print(f"{call.number} to {counter.name}: {call.reason}")

    mall.queue.start(call.number)
    clock.advance(minutes=6)
    mall.queue.finish(call.number)
    wait = mall.queue.measures().hall.wait
    print(f"waited {wait.mean:.0f} s; within 15 minutes: {wait.within(900)}")
