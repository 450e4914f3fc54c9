"""The one who looks at the channel now and then, reads what is wrong, and does what the words say."""

from datetime import timedelta
from typing import TYPE_CHECKING

from houston.channels.orders import Check, Delete, Enable, EnableHere, Rescan, Restore
from tests.simulation.whatsapp import OURS, WRONG

if TYPE_CHECKING:
    from tests.simulation.life import Life

MENDER = "person:masha"
DRAIN_HOURS_MAX = 30


class Mender:
    """Keeps a life from ending in a status that nobody looks at."""

    def __init__(self, life: "Life") -> None:
        self._life = life
        self._whatsapp = life.whatsapp
        self._minutes = life.chance.choice((3.0, 15.0, 60.0))
        self._works = True
        self._will_look = False
        life.disk.on_change = self.look_soon

    def look_soon(self) -> None:
        """The status has changed: somebody will look, some time."""
        if self._works and not self._will_look:
            self._will_look = True
            minutes = self._life.chance.expovariate(1 / self._minutes)
            self._life.calendar.later(20 + 60 * minutes, self._look)

    def _look(self) -> None:
        self._will_look = False
        if self._works and self._life.referee.eyes.status != "ACTIVE":
            self._mend()
            self.look_soon()

    def _mend(self) -> None:
        """Do what the status that is shown asks for. Not every time: people forget."""
        life, whatsapp = self._life, self._whatsapp
        status = life.referee.eyes.status
        if life.chance.random() < 0.3:
            return
        match status:
            case "DELETED":
                life.press(Restore(MENDER))
            case _ if whatsapp.outdated:
                self._upgrade()
            case "DISABLED":
                life.press(Enable(MENDER))
            case "NOT_PAID":
                life.pay(paid=True)
            case "SCAN_QR":
                life.press(Rescan(MENDER))
                life.calendar.later(3 + 40 * life.chance.random(), self.scan)
            case "OPENED_ELSEWHERE":
                if life.chance.random() < 0.7:
                    whatsapp.rival_leaves()
                life.press(EnableHere(MENDER))
            case "BLOCKED":
                whatsapp.lift_ban()
                life.press(Check(MENDER))

    def scan(self, *, wrong: float = 0.15) -> None:
        """Scan what is on the screen, with a wrong phone so often."""
        phone = WRONG if self._life.chance.random() < wrong else OURS
        code = self._life.disk.live_code()
        if code is not None and self._whatsapp.phone_on:
            self._life.note("people", f"{phone} scans {code}")
            self._whatsapp.scan(code, phone)

    def _upgrade(self) -> None:
        """A newer library comes with a restart of every node."""
        life = self._life
        life.note("world", "every node is upgraded")
        self._whatsapp.outdated = False
        life.referee.tell(outdated=False)
        for node in list(life.leases.nodes):
            life.kill(node)
        for _ in range(2):
            life.start_node()

    def calm_whatsapp(self) -> None:
        luck = self._life.mail.luck
        self._whatsapp.refuses = 0.0
        luck.loses_acks = luck.loses_frames = luck.refuses = 0.0
        self._life.referee.tell(moody=False)

    # --- The end of a life -----------------------------------------------------------------

    def make_all_well(self) -> None:
        """Everything outside becomes well, people do what is asked, and nothing may be left undone."""
        life = self._life
        self._works = False
        life.note("world", "all becomes well")
        self._mend_the_world()
        self._wait(1)
        for press in (Restore, Enable):
            life.press(press(MENDER))
        life.pay(paid=True)
        if life.referee.told.refuses() is None:
            self._attend()
            self._drain()

    def _attend(self) -> None:
        """Do what the words ask for until the channel is Active; the referee counts the minutes."""
        for _ in range(100):
            match self._life.referee.eyes.status:
                case "ACTIVE":
                    return
                case "SCAN_QR":
                    self._life.press(Rescan(MENDER))
                    self._wait(0.6)
                    self.scan(wrong=0)
                case "OPENED_ELSEWHERE":
                    self._life.press(EnableHere(MENDER))
                case "BLOCKED":
                    self._life.press(Check(MENDER))
                    self._wait(120)
            self._wait(1)

    def delete_for_a_month(self) -> None:
        """Delete it, perhaps twice, and restore it just in time, or too late."""
        life = self._life
        life.press(Delete(MENDER))
        days = life.chance.choice((29.0, 29.9, 30.1, 31.0))
        repeated = life.chance.random() * days
        self._wait(60 * 24 * repeated)
        life.press(Delete(MENDER))
        self._wait(60 * 24 * (days - repeated))
        life.press(Restore(MENDER))
        life.press(Enable(MENDER))
        life.pay(paid=True)
        if life.referee.told.refuses() is None:
            self._attend()
            self._drain()

    def _mend_the_world(self) -> None:
        whatsapp = self._whatsapp
        self.calm_whatsapp()
        if not whatsapp.phone_on:
            whatsapp.find_phone()
        whatsapp.set_network("up")
        whatsapp.rival_leaves()
        whatsapp.lift_ban()
        whatsapp.protected_by = None
        self._upgrade()

    def _drain(self) -> None:
        """Wait for the queue, as long as it may take, and a little longer."""
        start = self._life.calendar.now
        while self._life.calendar.now < start + timedelta(hours=DRAIN_HOURS_MAX):
            if not self._life.referee.post.is_waiting():
                break
            self._wait(30)
        self._life.referee.post.must_be_done()

    def _wait(self, minutes: float) -> None:
        self._life.live_until(self._life.calendar.now + timedelta(minutes=minutes))
