import os
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.core.management import execute_from_command_line
from django.shortcuts import render
from django.urls import path

from crossdock.host import Host
from crossdock.records import Quote, QuoteLine
from crossdock.render.html import render_html

DJANGO = "django.template.backends.django.DjangoTemplates"
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY=os.environ["SECRET_KEY"],
    MIDDLEWARE=["django.middleware.csrf.CsrfViewMiddleware"],
    TEMPLATES=[{"BACKEND": DJANGO, "DIRS": [Path(__file__).parent]}],
)
host = Host.open(os.environ["CROSSDOCK_CONFIG"], role="django")


def account(request, account_id):
    user, saved = request.headers["X-User"], None  # your own sign-in goes here
    if request.method == "POST":
        quantity = Decimal(request.POST["quantity"])
        lines = (QuoteLine(number=1, item_id=request.POST["item"], quantity=quantity),)
        quote = Quote(id="", account_id=account_id, currency="EUR", lines=lines)
        saved = host.save_quote(quote, user=user)
    tabs = host.account_tabs(account_id, user=user)
    tab = host.render_tab(request.GET.get("tab", tabs[0].address), account_id, user=user)
    shown = {"tabs": tabs, "view": render_html(tab.view), "saved": saved}
    return render(request, "account.html", shown)


urlpatterns = [path("accounts/<account_id>", account)]
execute_from_command_line()
