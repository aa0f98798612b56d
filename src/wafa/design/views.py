"""The style page, where every component stands in every state, and the stylesheet of a merchant's colour."""

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from wafa.design import samples
from wafa.design.context import formats
from wafa.design.contrast import brand_css, check_colour
from wafa.design.shells import MemberShell


def _only_where_shown() -> None:
    """The style page is for those who build: it exists while debugging and in a demo."""
    if not (settings.DEBUG or settings.WAFA_DEMO):
        raise Http404


@require_safe
def show_style_page(request: HttpRequest) -> HttpResponse:
    _only_where_shown()
    messages.success(request, _("The program was published."))
    messages.warning(request, _("Two deliveries could not be understood and wait for you."))
    messages.error(request, _("The store refused our key: connect it again."))
    return render(request, "design/styles.html", samples.console_page(formats(request)["formats"]))


@require_safe
def show_member_sample(request: HttpRequest) -> HttpResponse:
    _only_where_shown()
    try:
        brand = check_colour(f"#{request.GET.get('brand', '0f766e')}")
    except ValueError as error:
        raise Http404(str(error)) from None
    shell = MemberShell(program_name="Falcon Coffee", brand=brand)
    return render(
        request, "design/member_sample.html", samples.member_page(formats(request)["formats"]) | {"shell": shell}
    )


@require_safe
@cache_control(public=True, immutable=True, max_age=31_536_000)
def show_brand(_request: HttpRequest, colour: str) -> HttpResponse:
    """Custom properties for a colour; its address names its content, so it may be kept for ever."""
    return HttpResponse(brand_css(colour), content_type="text/css; charset=utf-8")
