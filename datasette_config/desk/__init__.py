"""The desk: pages for signed-in editors over newsroom.db; knows no Datasette."""
