"""The shapes of the widget's pages."""

from typing import Annotated

from pydantic import Field

from supportdesk.core.wire import In


class ShopQuery(In):
    """Which site the demo shop shows the widget of, and how it is written."""

    site: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")] = "demo"
    dir: Annotated[str, Field(pattern="^(ltr|rtl)$")] = "ltr"
    theme: Annotated[str, Field(pattern="^(auto|light|dark)$")] = "auto"
