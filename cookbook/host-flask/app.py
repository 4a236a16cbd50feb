import os
from decimal import Decimal
from pathlib import Path

from flask import Flask, abort, jsonify, render_template, request
from markupsafe import Markup

from crossdock.host import Host
from crossdock.records import Quote, QuoteLine
from crossdock.render.html import render_html


def create_app(host=None):
    host = host or Host.open(os.environ["CROSSDOCK_CONFIG"], role="flask")
    app = Flask(__name__, template_folder=Path(__file__).parent)

    def user():
        return request.headers.get("X-User") or abort(401)  # your own sign-in goes here

    @app.get("/accounts/<account>")
    def page(account):
        tabs = host.account_tabs(account, user=user())
        address = request.args.get("tab", tabs[0].address)
        shown = host.render_tab(address, account, user=user())
        return render_template("account.html", tabs=tabs, view=Markup(render_html(shown.view)))

    @app.post("/accounts/<account>/quotes")
    def save(account):
        quantity = Decimal(request.form["quantity"])
        lines = (QuoteLine(number=1, item_id=request.form["item"], quantity=quantity),)
        quote = Quote(id="", account_id=account, currency="EUR", lines=lines)
        saved = host.save_quote(quote, user=user())
        if saved.quote is None:
            return jsonify([each.message for each in saved.verdict.objections]), 422
        return jsonify(id=saved.quote.id, gross=str(saved.quote.gross)), 201

    return app
