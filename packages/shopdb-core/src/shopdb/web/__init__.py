"""The pages: server-rendered, working without scripts, better with them."""
