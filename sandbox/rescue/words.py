"""The statuses of sessions: in the account's language for the text table, as an enumeration for SOAP.

Source: Rescue API Reference Guide, chapter getSession_v3, for the English words; the enumeration from clients of
the SOAP service. `Encerrado pelo cliente ativo` and `sim` were seen; the other translations are our own.
"""

from __future__ import annotations

from sandbox.settings import RescueSettings

STATUSES: dict[str, tuple[str, str, str, str]] = {
    # English: (Portuguese, German, Japanese, enumeration)
    "Waiting": ("Em espera", "Wartet", "待機中", "SESSION_WAITING"),
    "Active": ("Ativo", "Aktiv", "アクティブ", "SESSION_PICKEDUP"),
    "On Hold": ("Em retenção", "Gehalten", "保留中", "SESSION_ONHOLD"),
    "Connecting": ("Conectando", "Verbindung wird hergestellt", "接続中", "SESSION_CONNECTING"),
    "Transferring": ("Transferindo", "Wird übertragen", "転送中", "SESSION_TRANSFERINGBUTNOTPICKEDUP"),
    "Transferred": ("Transferido", "Übertragen", "転送済み", "SESSION_CLOSED_TRANSFERREDANOTHERTECH"),
    "Closed by technician": (
        "Encerrado pelo técnico",
        "Vom Techniker geschlossen",
        "技術者により終了",
        "SESSION_CLOSEDBYTECHNICIAN",
    ),
    "Closed by customer": (
        "Encerrado pelo cliente",
        "Vom Kunden geschlossen",
        "顧客により終了",
        "SESSION_CLOSEDBYCUSTOMER",
    ),
    "Closed by active customer": (
        "Encerrado pelo cliente ativo",
        "Vom aktiven Kunden geschlossen",
        "アクティブな顧客により終了",
        "SESSION_CLOSEDBYACTIVECUSTOMER",
    ),
    "Closed by waiting customer": (
        "Encerrado pelo cliente em espera",
        "Vom wartenden Kunden geschlossen",
        "待機中の顧客により終了",
        "SESSION_CLOSEDBYWAITINGCUSTOMER",
    ),
    "Declined by customer": (
        "Recusado pelo cliente",
        "Vom Kunden abgelehnt",
        "顧客により拒否",
        "SESSION_TERMSANDCONDITIONSDECLINED",
    ),
    "Disconnected": ("Desconectado", "Getrennt", "切断", "SESSION_CONNECTIONPROBLEM"),
    "Expired": ("Expirado", "Abgelaufen", "期限切れ", "SESSION_UACCESS_EXPIRED_WASPICKEDUPBEFORE"),
    "Not available": ("Não disponível", "Nicht verfügbar", "利用不可", "SESSION_STATUS_NOT_SUPPORTED_VALUE"),
    "Offline": ("Offline", "Offline", "オフライン", "SESSION_OFFLINE"),
    "Rebooted": ("Reiniciado", "Neu gestartet", "再起動済み", "SESSION_REBOOTING"),
    "Rebooting": ("Reiniciando", "Startet neu", "再起動中", "SESSION_REBOOTING"),
    "Reconnecting": ("Reconectando", "Verbindet erneut", "再接続中", "SESSION_CONNECTIONPROBLEM"),
    "Revoked": ("Revogado", "Widerrufen", "取り消し", "SESSION_REVOKED"),
    "Timed out": ("Tempo esgotado", "Zeitüberschreitung", "タイムアウト", "SESSION_SYSTEMTIMEOUT_PICKEDUP"),
    "Timed out: closed by technician": (
        "Tempo esgotado: encerrado pelo técnico",
        "Zeitüberschreitung: vom Techniker geschlossen",
        "タイムアウト: 技術者により終了",
        "SESSION_TIMEOUT_SESSIONIDLETECHSIDE",
    ),
    "Aborted: technician was deleted or disabled": (
        "Abortado: o técnico foi excluído ou desativado",
        "Abgebrochen: Techniker wurde gelöscht oder deaktiviert",
        "中止: 技術者が削除または無効化されました",
        "SESSION_ABORTED_TECHDELETEDORDISABLED",
    ),
}
COLUMN = {"pt": 0, "de": 1, "ja": 2}
YES = {"en": "yes", "pt": "sim", "de": "ja", "ja": "はい"}


def status_word(settings: RescueSettings, status: str) -> str:
    """In the account's language, unless a test has a word of its own."""
    if status in settings.status_names or settings.language == "en":
        return settings.status_names.get(status, status)
    words = STATUSES.get(status)
    return words[COLUMN[settings.language]] if words else status


def yes_word(settings: RescueSettings) -> str:
    return settings.yes or YES[settings.language]


def enumeration(status: str) -> str:
    """`SESSION_PICKEDUP` and so on, the same in every language."""
    words = STATUSES.get(status)
    return words[3] if words else "SESSION_STATUS_NOT_SUPPORTED_VALUE"
