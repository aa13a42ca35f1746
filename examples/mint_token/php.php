<?php // Prints an embed token with PHP, without a package: EMBED_SECRET=… php php.php
$encode = fn($value) => rtrim(strtr(base64_encode($value), '+/', '-_'), '=');
$claims = ['sub' => 'visitor-1', 'origin' => 'https://www.example.com', 'exp' => time() + 600];
$data = $encode('{"alg":"HS256"}') . '.' . $encode(json_encode($claims));
$signature = hash_hmac('sha256', $data, getenv('EMBED_SECRET'), true);
echo $data . '.' . $encode($signature), "\n";
