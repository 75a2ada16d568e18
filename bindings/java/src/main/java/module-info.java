/** A distributed read-through cache inside the process; start at {@link io.distcache.Engine}. */
module io.distcache {
  exports io.distcache;
}
