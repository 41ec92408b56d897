# Trigger from CI after deploy
curl -sSf https://$PROD_URL/health | jq
curl -sSf -X POST https://$PROD_URL/api/tenant/credentials \
     -H "Authorization: Bearer $ADMIN_TOKEN" \
     -d '{"tenantId":"demo","accessToken":"fake","locationId":"123"}'

# Call a lightweight MCP endpoint
curl -sSf -X POST https://$PROD_URL/mcp/demo/tool/list_contacts \
     -H "Authorization: Bearer demo-token" -d '{}'
