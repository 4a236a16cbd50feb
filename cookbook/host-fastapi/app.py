import os
from contextlib import asynccontextmanager
from decimal import Decimal
from pathlib import Path

from fastapi import Body, FastAPI, Header, HTTPException, Request
from fastapi.templating import Jinja2Templates

from crossdock.host import Host
from crossdock.records import Quote, QuoteLine
from crossdock.render.html import render_html


@asynccontextmanager
async def lifespan(app):
    with Host.open(os.environ["CROSSDOCK_CONFIG"], role="fastapi") as app.state.host:
        yield


app = FastAPI(lifespan=lifespan)
pages = Jinja2Templates(directory=Path(__file__).parent)


@app.get("/accounts/{account}")
def page(request: Request, account: str, tab: str = "erp-tabs/overview", x_user: str = Header()):
    tabs = app.state.host.account_tabs(account, user=x_user)
    view = render_html(app.state.host.render_tab(tab, account, user=x_user).view)
    return pages.TemplateResponse(request, "account.html", {"tabs": tabs, "view": view})


@app.post("/accounts/{account}/quotes", status_code=201)
def save(account: str, item: str = Body(), quantity: Decimal = Body(), x_user: str = Header()):  # noqa: B008 - as FastAPI has it
    lines = (QuoteLine(number=1, item_id=item, quantity=quantity),)
    quote = Quote(id="", account_id=account, currency="EUR", lines=lines)
    saved = app.state.host.save_quote(quote, user=x_user)
    if saved.quote is None:
        raise HTTPException(422, [each.message for each in saved.verdict.objections])
    return {"id": saved.quote.id, "gross": str(saved.quote.gross)}
