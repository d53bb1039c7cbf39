"""PINs, their SMS, and the text of an invitation."""

from __future__ import annotations

from collections.abc import Mapping

from bridge.errors import Rejected, Unavailable
from connectors.platforms.rescue.catalogue.model import AUTHCODE, OF_A_SIGNED_CALL, Method, Parameter, aspx, read
from connectors.platforms.rescue.catalogue.values import LANGUAGES
from connectors.platforms.rescue.replies import CODES, Meaning
from connectors.platforms.rescue.schema import CUSTOM_FIELDS, TRACKING_LIMIT

_TRACKING = Parameter("tracking0", "sTracking0", limit=TRACKING_LIMIT)
_CONSOLE = Parameter("notechconsole", "bNoTechConsole", values=("0", "1"))
_FIELDS = tuple(
    Parameter(name, f"sCField{name.removeprefix('cfield')}", limit=limit) for name, limit in CUSTOM_FIELDS.items()
)
_ASKED = (*_FIELDS, _TRACKING, _CONSOLE, AUTHCODE)
# As the captured call of requestPINCodeV3 names it.
_NODE = Parameter("NodeId", "nodeId")

# Nothing shows whether a PIN was made, and one that nobody hears of lapses: so it may be asked for again.
_NO_PIN = Meaning(Unavailable, "Rescue had an unspecified error and gave no PIN: Deskbridge asks again")
_OF_A_PIN: Mapping[str, Meaning] = {
    "ERROR": _NO_PIN,
    **read(
        "NOTLOGGEDIN",
        "NOTTECHNICIAN",
        "NOTECHCONSOLERUNNING",
        "OUTOFPINCODES",
        "POLLRATEEXCEEDED",
        "INVALID_SECRETAUTHCODE",
        "USER_IS_DELETED",
        "USER_DELETED_OR_DISABLED",
    ),
}
_NO_LENS = Meaning(Rejected, "the Rescue user may not use Rescue Lens: an administrator of Rescue must allow it")
_OF_A_LENS_PIN = {**_OF_A_PIN, "NO_ACCESS_TO_LENS": _NO_LENS}
OF_AN_SMS: Mapping[str, Meaning] = {
    "INVALID_PHONENUMBER": Meaning(Rejected, "the phone number is none: whoever asked must correct it"),
    "SMS_CANNOT_BE_SENT": Meaning(
        Rejected, "the SMS cannot be delivered: whoever asked must tell the customer the PIN in another way"
    ),
    "NO_MORE_SMS": Meaning(Rejected, "the account's SMS are used up: an administrator of Rescue must buy more"),
}
_OF_AN_SMS_PIN = {**_OF_A_LENS_PIN, **OF_AN_SMS}
_PHONE = Parameter("PhoneNumber", "sPhoneNumber")
_LANGUAGE = Parameter("LangCode", "sLangCode", values=LANGUAGES)
_PIN = ("PINCODE",)

REQUEST_PIN = Method(
    "requestPINCode",
    aspx("requestPINCode"),
    _ASKED,
    _OF_A_PIN,
    outputs=_PIN,
    operation="requestPINCode",
    writes=True,
)
REQUEST_PIN_2 = Method(
    "requestPINCode_v2",
    aspx("requestPINCode_v2"),
    _ASKED,
    _OF_A_PIN,
    outputs=_PIN,
    operation="requestPINCodeV2",
    writes=True,
)
REQUEST_PIN_3 = Method(
    "requestPINCode_v3",
    aspx("requestPINCode_v3"),
    (*_ASKED, _NODE),
    _OF_A_PIN,
    outputs=_PIN,
    operation="requestPINCodeV3",
    writes=True,
)
LENS = Method(
    "requestLensPINCode",
    aspx("requestLensPINCode"),
    _ASKED,
    _OF_A_LENS_PIN,
    outputs=_PIN,
    operation="requestLensPINCode",
    writes=True,
)
LENS_2 = Method(
    "requestLensPINCode_v2",
    aspx("requestLensPINCode_v2"),
    _ASKED,
    _OF_A_LENS_PIN,
    outputs=_PIN,
    operation="requestLensPINCodeV2",
    writes=True,
)
LENS_3 = Method(
    "requestLensPINCode_v3",
    aspx("requestLensPINCode_v3"),
    (*_ASKED, _PHONE, _LANGUAGE),
    _OF_AN_SMS_PIN,
    outputs=_PIN,
    operation="requestLensPINCodeV3",
    writes=True,
)
LENS_4 = Method(
    "requestLensPINCode_v4",
    "",
    (*_ASKED, _PHONE, _LANGUAGE, _NODE),
    _OF_AN_SMS_PIN,
    outputs=("PINCODE", "SMS_RESULT"),
    operation="requestLensPINCodeV4",
    writes=True,
)
GET_PIN = Method(
    "getPINCode",
    "/Integration/HewlettPackard/GetPinCode",
    (
        Parameter("CompanyID", required=True),
        Parameter("SSOID", required=True),
        Parameter("name", limit=CUSTOM_FIELDS["cfield0"]),
        *(Parameter(name, limit=limit) for name, limit in CUSTOM_FIELDS.items() if name != "cfield0"),
        Parameter("trackingid", limit=TRACKING_LIMIT),
        Parameter("notechconsole", values=("0", "1")),
        Parameter("islenspincode", values=("0", "1")),
    ),
    {
        "ERROR": _NO_PIN,
        "NOTTECHNICIAN": CODES["NOTTECHNICIAN"],
        "NOPERMISSIONFORLENS": _NO_LENS,
        "NOTECHCONSOLERUNNING": CODES["NOTECHCONSOLERUNNING"],
        "MISSINGPARAMETER": Meaning(
            Rejected, "the company or the single sign-on ID is missing: whoever asked must give both"
        ),
    },
    outputs=("6-digit PIN code",),
    successes=(),
    writes=True,
)
GENERATE_EMAIL_TEXT = Method(
    "generateEmailText",
    aspx("generateEmailText"),
    (Parameter("pincode", "iPINCode", required=True, limit=6), AUTHCODE),
    read(*OF_A_SIGNED_CALL, "NOTTECHNICIAN", "INVALIDPINFORMAT"),
    outputs=("SUBJECT", "TEXT", "LINK", "SIGNATURE"),
    operation="generateEmailText",
)

PINS = (
    REQUEST_PIN,
    REQUEST_PIN_2,
    REQUEST_PIN_3,
    LENS,
    LENS_2,
    LENS_3,
    LENS_4,
    GET_PIN,
    GENERATE_EMAIL_TEXT,
)
