"""Numbers that people and businesses bring along: NIK, NPWP, NITKU, NIB, telephone numbers, and region codes.

Each is read as people write it, checked by its form, formatted and masked. Nothing here says that a number is
registered or belongs to who shows it. A value's repr, an error and a warning never hold the whole number. This room
knows no service, no store and no clock.
"""

from mppkit.identity.checking import Checked, Kind, check
from mppkit.identity.digits import mask
from mppkit.identity.nib import Nib, parse_nib
from mppkit.identity.nik import Nik, Sex, parse_nik
from mppkit.identity.npwp import Nitku, Npwp, parse_nitku, parse_npwp
from mppkit.identity.phone import Phone, parse_phone
from mppkit.identity.regions import Region, Regions, parse_region_code
from mppkit.identity.tables import load_regions, provinces

__all__ = [
    "Checked",
    "Kind",
    "Nib",
    "Nik",
    "Nitku",
    "Npwp",
    "Phone",
    "Region",
    "Regions",
    "Sex",
    "check",
    "load_regions",
    "mask",
    "parse_nib",
    "parse_nik",
    "parse_nitku",
    "parse_npwp",
    "parse_phone",
    "parse_region_code",
    "provinces",
]
