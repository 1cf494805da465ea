"""A picture of a code, taken by a tablet's camera, read on the server: for every scan box."""

from __future__ import annotations

from django.http import HttpRequest, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from batches import symbols
from batches.codes import read_code
from ledger.asking import told
from ledger.event import Refused


@require_POST
@never_cache
def picture(request: HttpRequest) -> JsonResponse:
    """What stands in the picture, as a scanner would have typed it; or why it cannot be read.

    The picture is looked at and not kept.
    """
    sent = request.FILES.get("picture")
    if sent is None:
        return _no(_("No picture came along. Take one, or type the code."))
    if (sent.size or 0) > symbols.LARGEST:
        limit = symbols.LARGEST // 1024 // 1024
        return _no(
            _("This picture is larger than %(limit)s MB. Take it closer.") % {"limit": limit}
        )
    try:
        seen = symbols.read_picture(sent.read())
    except Refused as refused:
        return _no(told(refused))
    texts = list(dict.fromkeys(each.text for each in seen))
    if not texts:
        return _no(_("No code was found. Go closer, hold still, and keep the light off the label."))
    if len(texts) > 1:
        return _no(_("Several codes are in the picture. Take one label alone."))
    code = read_code(texts[0])
    return JsonResponse({"text": code.text}) if not code.refused else _no(told(code.refused))


def _no(sentence: str) -> JsonResponse:
    return JsonResponse({"wrong": sentence}, status=422)
