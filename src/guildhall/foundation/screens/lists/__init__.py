"""Lists: one table framework for all domains.

A domain says its columns, filters and words in a `ListPage` and answers with `page(request, TheList, queryset)`:
search, filters, sort, totals of the whole selection, paging, column choice, Excel export, htmx and plain alike.
"""

from guildhall.foundation.screens.lists.listing import Bulk, Choice, Column, Kind, ListPage
from guildhall.foundation.screens.lists.pages import Act, page

__all__ = ["Act", "Bulk", "Choice", "Column", "Kind", "ListPage", "page"]
