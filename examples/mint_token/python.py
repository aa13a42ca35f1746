# Prints an embed token with Python, without a package: EMBED_SECRET=… python3 python.py
import base64, hashlib, hmac, json, os, time
encode = lambda value: base64.urlsafe_b64encode(value).rstrip(b"=")
claims = {"sub": "visitor-1", "origin": "https://www.example.com", "exp": int(time.time()) + 600}
data = encode(b'{"alg":"HS256"}') + b"." + encode(json.dumps(claims).encode())
print((data + b"." + encode(hmac.new(os.environ["EMBED_SECRET"].encode(), data, hashlib.sha256).digest())).decode())
