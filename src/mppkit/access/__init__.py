"""Who may do what (*hak akses*): viewers, the table of what each may do, and the desks as one viewer has them.

The application that opens a `Mall` is trusted, and uses `mall.queue` and the other desks as it likes. What it does for
somebody else it does through `mall.as_(viewer)`: the same desks, where every command and every look is checked first.
This room authenticates nobody but the holder of a ticket; who a viewer is, the application has found out.
"""

from mppkit.access.guard import Desks
from mppkit.access.model import EVERYTHING, About, Viewer, ViewerKind
from mppkit.access.policies import Access, by_table
from mppkit.access.table import RULES, Rule, Who

__all__ = ["EVERYTHING", "RULES", "About", "Access", "Desks", "Rule", "Viewer", "ViewerKind", "Who", "by_table"]
