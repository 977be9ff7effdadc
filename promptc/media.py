"""Media types: what the first bytes and a file's name say, in the API's words."""

from promptc.blob import sniff

HEAD = 64
"""How many leading bytes `media_type` wants."""

# By extension, in the spelling of Google's guides to image, audio, video and document understanding
# and, for `application/json` and `audio/m4a`, of the guides to file input methods and of Vertex AI.
# The first extension of a type is the one that a file is renamed to.
_EXTENSIONS = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "jpe": "image/jpeg",
    "jfif": "image/jpeg",
    "webp": "image/webp",
    "heic": "image/heic",
    "heif": "image/heif",
    "gif": "image/gif",
    "avif": "image/avif",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "pdf": "application/pdf",
    "mp3": "audio/mp3",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
    "aiff": "audio/aiff",
    "aif": "audio/aiff",
    "m4a": "audio/m4a",
    "mp4": "video/mp4",
    "mov": "video/mov",
    "webm": "video/webm",
    "mpeg": "video/mpeg",
    "mpg": "video/mpeg",
    "avi": "video/avi",
    "flv": "video/x-flv",
    "wmv": "video/wmv",
    "3gpp": "video/3gpp",
    "3gp": "video/3gpp",
    "txt": "text/plain",
    "md": "text/md",
    "csv": "text/csv",
    "json": "application/json",
    "html": "text/html",
    "htm": "text/html",
    "xml": "text/xml",
    "css": "text/css",
    "js": "text/javascript",
    "py": "text/x-python",
    "rtf": "text/rtf",
}
# Names of one container: IANA's beside the API's, and what the first bytes don't tell apart
_FAMILIES = {
    "image/jpeg": ("image/jpg", "image/pjpeg"),
    "image/heic": ("image/heif",),
    "application/pdf": ("application/x-pdf",),
    "audio/mp3": ("audio/mpeg", "audio/mpga"),
    "audio/wav": ("audio/x-wav", "audio/wave", "audio/vnd.wave"),
    "audio/flac": ("audio/x-flac",),
    "audio/ogg": ("audio/opus", "video/ogg", "application/ogg"),
    "audio/aac": ("audio/x-aac", "audio/aacp"),
    "audio/aiff": ("audio/x-aiff",),
    "video/mp4": ("audio/mp4", "audio/m4a", "audio/x-m4a", "video/mov", "video/quicktime", "video/3gpp", "audio/3gpp"),
    "video/webm": ("audio/webm", "video/x-matroska", "audio/x-matroska"),
    "video/mpeg": ("video/mpg", "video/mpegps"),
    "video/avi": ("video/x-msvideo",),
    "video/wmv": ("video/x-ms-wmv", "audio/x-ms-wma"),
    "video/x-flv": ("video/flv",),
    "text/rtf": ("application/rtf",),
}
_FAMILY = {name: family for family, names in _FAMILIES.items() for name in names}
# Whose files always start in a way that `media_type` knows; old QuickTime, MPEG and bare AAC files may not
_KNOWN_BY_BYTES = {
    "image/png", "image/jpeg", "image/webp", "image/heic", "image/gif", "image/avif", "image/tiff", "application/pdf",
    "audio/wav", "audio/flac", "audio/ogg", "audio/aiff", "video/webm", "video/avi", "video/x-flv", "video/wmv",
}  # fmt: skip
_NAMES = {
    "image/jpeg": "JPEG",
    "image/webp": "WebP",
    "image/tiff": "TIFF",
    "text/rtf": "RTF",
    "video/webm": "WebM",
    "video/x-flv": "FLV",
    "video/mov": "QuickTime",
    "video/mpeg": "MPEG",
    "video/3gpp": "3GPP",
}
_SPELT = {"FLV", "RTF", "HTML", "XML"}  # whose first letter is said with a vowel
_KINDS = {"image": "picture", "audio": "sound file", "video": "video"}
# Magic numbers: the WHATWG's MIME Sniffing Standard, the RFCs 9559 (Matroska) and 3533 (Ogg), Apple's AIFF
# and QuickTime, Adobe's TIFF 6.0 and FLV, Microsoft's ASF and RTF, ISO/IEC 13818 (MPEG streams, ADTS)
_SIGNATURES = (
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
    (b"ID3", "audio/mp3"),
    (b"\xff\xfb", "audio/mp3"),
    (b"\xff\xfa", "audio/mp3"),
    (b"\xff\xf3", "audio/mp3"),
    (b"\xff\xf2", "audio/mp3"),
    (b"\xff\xf1", "audio/aac"),
    (b"\xff\xf9", "audio/aac"),
    (b"fLaC", "audio/flac"),
    (b"OggS", "audio/ogg"),
    (b"\x1a\x45\xdf\xa3", "video/webm"),
    (b"FLV\x01", "video/x-flv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "video/wmv"),
    (b"\0\0\x01\xba", "video/mpeg"),
    (b"\0\0\x01\xb3", "video/mpeg"),
    (b"{\\rtf", "text/rtf"),
)
_BRANDS = {b"qt  ": "video/mov", b"M4A ": "audio/m4a", b"M4B ": "audio/m4a"}
_BITMAP = 14


def media_type(head: bytes) -> str | None:
    """Return the media type that the first bytes show, or None: text shows none."""
    if known := sniff(head):
        return known
    if head[:4] == b"RIFF":
        return "video/avi" if head[8:12] == b"AVI " else None
    if head[:4] == b"FORM" and head[8:12] in {b"AIFF", b"AIFC"}:
        return "audio/aiff"
    if head[4:8] == b"ftyp":
        return "video/3gpp" if head[8:10] == b"3g" else _BRANDS.get(head[8:12], "video/mp4")
    if head[:2] == b"BM" and head[6:10] == bytes(4) and len(head) >= _BITMAP:
        return "image/bmp"
    return next((found for magic, found in _SIGNATURES if head.startswith(magic)), None)


def by_name(name: str) -> str | None:
    """Return the media type that a file's extension stands for."""
    stem, dot, extension = name.rpartition(".")
    return _EXTENSIONS.get(extension.lower()) if stem and dot else None


def extension_of(known: str) -> str | None:
    """Return the extension that files of a media type get."""
    return next((extension for extension, of in _EXTENSIONS.items() if of == known), None)


def essence(written: str) -> str:
    """Return a media type in small letters and without parameters."""
    return written.partition(";")[0].strip().lower()


def same(one: str, other: str) -> bool:
    """Say whether two media types can be of the same bytes."""
    one, other = essence(one), essence(other)
    return _FAMILY.get(one, one) == _FAMILY.get(other, other)


def has_signature(known: str) -> bool:
    """Say whether the first bytes of such a file always show what it is."""
    return _FAMILY.get(essence(known), essence(known)) in _KNOWN_BY_BYTES


def is_text(known: str) -> bool:
    """Say whether files of a media type are text."""
    return essence(known).startswith("text/") or essence(known) == "application/json"


def named(known: str, *, short: bool = False) -> str:
    """Return what people call a file of a media type: `a JPEG picture`, in short `a JPEG`."""
    known = essence(known)
    name = _NAMES.get(known) or known.partition("/")[2].removeprefix("x-").upper()
    article = "an" if name[:1] in "AEIMO" or name in _SPELT else "a"
    return f"{article} {name}" if short else f"{article} {name} {_KINDS.get(known.partition('/')[0], 'file')}"
