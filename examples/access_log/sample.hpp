/// The log that is counted when no file is given. All of it is invented; the addresses are those kept for examples.
#pragma once

#include <string_view>

namespace access_log {

inline constexpr std::string_view sample =
    R"log(192.0.2.17 - - [04/Mar/2026:06:00:20 +0100] "GET /style.css HTTP/1.1" 301 237 "https://search.example/?q=pear" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
198.51.100.4 - ada [04/Mar/2026:06:13:50 +0100] "GET /trees/pear HTTP/1.1" 200 35878 "-" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
203.0.113.88 - - [04/Mar/2026:06:18:18 +0100] "GET /img/blossom.jpg HTTP/1.1" 200 35366 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
203.0.113.88 - - [04/Mar/2026:06:59:44 +0100] "GET /feed.xml HTTP/1.1" 200 42513 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
198.51.100.77 - - [04/Mar/2026:07:02:16 +0100] "GET /trees/apple?sort=height HTTP/1.1" 200 45744 "-" "OrchardReader/2.3"
192.0.2.17 - - [04/Mar/2026:07:09:45 +0100] "GET /trees/apple?sort=height HTTP/1.1" 200 26753 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.17 - - [04/Mar/2026:07:10:22 +0100] "GET /search?q=quince HTTP/1.1" 200 26337 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.17 - - [04/Mar/2026:07:17:51 +0100] "GET /style.css HTTP/1.1" 200 812 "https://orchard.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
2001:db8::1f - - [04/Mar/2026:07:25:16 +0100] "GET /feed.xml HTTP/1.1" 200 30100 "-" "curl/8.5.0"
203.0.113.88 - - [04/Mar/2026:07:31:02 +0100] "GET /trees/plum HTTP/1.1" 200 5120 "-" "Mozilla/5.0 (X11; Linux x86_6
198.51.100.77 - - [04/Mar/2026:07:27:22 +0100] "GET / HTTP/1.1" 304 - "https://search.example/?q=pear" "OrchardReader/2.3"
198.51.100.4 - ada [04/Mar/2026:07:47:54 +0100] "GET /style.css HTTP/1.1" 304 - "-" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
192.0.2.17 - - [04/Mar/2026:08:18:36 +0100] "GET /trees/pear HTTP/1.1" 206 5493 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
203.0.113.88 - - [04/Mar/2026:08:22:18 +0100] "GET /img/blossom.jpg HTTP/1.1" 200 42496 "https://orchard.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
203.0.113.88 - - [04/Mar/2026:08:24:30 +0100] "GET /search?q=quince HTTP/1.1" 200 18180 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.200 - - [04/Mar/2026:08:25:24 +0100] "GET /img/blossom.jpg HTTP/1.1" 200 4058 "-" "curl/8.5.0"
192.0.2.17 - - [04/Mar/2026:08:34:10 +0100] "GET / HTTP/1.1" 404 177 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
203.0.113.5 - - [04/Mar/2026:08:35:30 +0100] "GET / HTTP/1.1" 304 - "https://search.example/?q=pear" "OrchardReader/2.3"
192.0.2.31 - - [04/Mar/2026:08:38:31 +0100] "GET /trees/pear HTTP/1.1" 206 2799 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.200 - - [04/Mar/2026:08:46:40 +0100] "GET /feed.xml HTTP/1.1" 301 379 "-" "curl/8.5.0"
198.51.100.77 - - [04/Mar/2026:08:54:46 +0100] "GET /feed.xml HTTP/1.1" 404 219 "-" "OrchardReader/2.3"
198.51.100.4 - ada [04/Mar/2026:08:56:53 +0100] "GET /img/blossom.jpg HTTP/1.1" 200 16524 "-" "Basket \"weekly\" 0.4"
203.0.113.5 - - [04/Mar/2026:08:57:14 +0100] "GET /trees/pear HTTP/1.1" 200 24325 "-" "OrchardReader/2.3"
192.0.2.17 - - [04/Mar/2026:08:59:46 +0100] "GET /trees/pear HTTP/1.1" 304 - "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
-- log rotated by the night shift --
2001:db8:0:7::20 - - [04/Mar/2026:09:00:21 +0100] "GET /feed.xml HTTP/1.1" 200 17358 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
203.0.113.88 - - [04/Mar/2026:09:08:21 +0100] "GET /contact HTTP/1.1" 200 10225 "https://orchard.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.99 - - [04/Mar/2026:09:17:50 +0100] "GET /feed.xml HTTP/1.1" 200 16455 "-" "curl/8.5.0"
2001:db8::c0de - - [04/Mar/2026:09:18:12 +0100] "GET /search?q=quince HTTP/1.1" 200 12508 "https://search.example/?q=pear" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
198.51.100.77 - - [04/Mar/2026:09:20:56 +0100] "GET /harvest/2026 HTTP/1.1" 200 11517 "-" "OrchardReader/2.3"
198.51.100.4 - ada [04/Mar/2026:09:29:51 +0100] "GET /trees HTTP/1.1" 200 3180 "https://search.example/?q=pear" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
203.0.113.88 - - [04/Mar/2026:09:32:11 +0100] "GET /trees/apple?sort=height HTTP/1.1" 206 3696 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.17 - - [04/Mar/2026:09:32:37 +0100] "GET /search?q=quince HTTP/1.1" 301 309 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.200 - - [04/Mar/2026:09:33:37 +0100] "GET /search?q=quince HTTP/1.1" 304 - "https://orchard.example/" "curl/8.5.0"
192.0.2.31 - - [04/Mar/2026:09:41:42 +0100] "GET /trees/pear HTTP/1.1" 304 - "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.200 - - [04/Mar/2026:09:42:30 +0100] "HEAD /trees HTTP/1.1" 200 5913 "https://search.example/?q=pear" "curl/8.5.0"
2001:db8::1f - - [04/Mar/2026:09:44:32 +0100] "GET /feed.xml HTTP/1.1" 200 7727 "https://search.example/?q=pear" "curl/8.5.0"
203.0.113.130 - - [04/Mar/2026:09:46:31 +0100] "GET /style.css HTTP/1.1" 304 - "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
198.51.100.77 - - [04/Mrz/2026:09:22:40 +0100] "GET / HTTP/1.1" 200 1873 "-" "OrchardReader/2.3"
198.51.100.4 - ada [04/Mar/2026:09:47:48 +0100] "GET /trees/apple?sort=height HTTP/1.1" 200 13923 "-" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
198.51.100.250 - - [04/Mar/2026:09:58:29 +0100] "GET /contact HTTP/1.1" 304 - "-" "curl/8.5.0"
192.0.2.17 - - [04/Mar/2026:10:14:20 +0100] "GET /trees HTTP/1.1" 200 38201 "https://orchard.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
203.0.113.88 - - [04/Mar/2026:10:16:53 +0100] "GET /contact HTTP/1.1" 404 295 "https://search.example/?q=pear" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.17 - - [04/Mar/2026:10:17:16 +0100] "GET / HTTP/1.1" 200 32529 "https://search.example/?q=pear" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.17 - - [04/Mar/2026:10:30:28 +0100] "GET /feed.xml HTTP/1.1" 200 11015 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.17 - - [04/Mar/2026:10:36:01 +0100] "GET /trees/apple?sort=height HTTP/1.1" 200 36568 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
2001:db8::1f - - [04/Mar/2026:10:39:18 +0100] "GET / HTTP/1.1" 200 40046 "https://orchard.example/" "curl/8.5.0"

2001:db8::1f - - [04/Mar/2026:10:47:49 +0100] "GET /search?q=quince HTTP/1.1" 301 244 "-" "curl/8.5.0"
203.0.113.88 - - [04/Mar/2026:10:51:10 +0100] "GET /img/blossom.jpg HTTP/1.1" 200 3145 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
192.0.2.17 - - [04/Mar/2026:10:52:30 +0100] "GET /trees HTTP/1.1" 200 4884 "-" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
198.51.100.4 - ada [04/Mar/2026:11:20:01 +0100] "GET /contact HTTP/1.1" 301 224 "https://search.example/?q=pear" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
2001:db8:0:7::20 - - [04/Mar/2026:11:26:47 +0100] "GET /harvest/2026 HTTP/1.1" 301 164 "https://orchard.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
2001:db8::1f - - [04/Mar/2026:11:52:18 +0100] "GET /harvest/2026 HTTP/1.1" 200 34073 "https://orchard.example/" "curl/8.5.0"
198.51.100.4 - ada [04/Mar/2026:13:14:30 +0100] "GET /contact HTTP/1.1" 200 11358 "-" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
2001:db8::1f - - [04/Mar/2026:13:14:38 +0100] "GET /style.css HTTP/1.1" 200 46755 "https://orchard.example/" "curl/8.5.0"
198.51.100.4 - ada [04/Mar/2026:13:21:23 +0100] "GET /search?q=quince HTTP/1.1" 200 19890 "-" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
192.0.2.17 - - [04/Mar/2026:13:23:42 +0100] "GET /search?q=quince HTTP/1.1" 206 14753 "https://search.example/?q=pear" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
2001:db8:0:7::20 - - [04/Mar/2026:13:55:56 +0100] "GET /harvest/2026 HTTP/1.1" 301 339 "https://orchard.example/" "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
198.51.100.4 - ada [04/Mar/2026:13:57:52 +0100] "GET /search?q=quince HTTP/1.1" 200 29518 "https://search.example/?q=pear" "Mozilla/5.0 (compatible; PearBot/1.1; +https://bot.example/about)"
)log";

}  // namespace access_log
