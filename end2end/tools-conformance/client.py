# Lists every tool of a business with the official client in Python and calls those that are named, each with arguments as
# JSON. Usage: MCP_TOKEN=slw_… python client.py MODE ADDRESS [TOOL ARGUMENTS]…; MODE is `legacy` for a handshake and `auto` for
# whatever is the newest that both sides know. One line of JSON tells what was answered.
import asyncio
import json
import os
import sys

import httpx2
from mcp import Client
from mcp.client.streamable_http import streamable_http_client


def plain(model):
    return model.model_dump(mode="json", by_alias=True, exclude_none=True)


async def main(mode, address, *calls):
    headers = {"authorization": f"Bearer {os.environ['MCP_TOKEN']}"}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=30) as http,
        Client(streamable_http_client(address, http_client=http), mode=mode) as client,
    ):
        page = await client.list_tools()
        tools = list(page.tools)
        while page.next_cursor is not None:
            page = await client.list_tools(cursor=page.next_cursor)
            tools.extend(page.tools)
        results = {}
        for name, arguments in zip(calls[::2], calls[1::2]):
            results[name] = plain(await client.call_tool(name, json.loads(arguments)))
        told = {"version": client.protocol_version, "tools": [plain(tool) for tool in tools], "results": results}
    print(json.dumps(told))


asyncio.run(main(*sys.argv[1:]))
